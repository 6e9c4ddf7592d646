"""The unit tests that stand beside the models: runs of a company leave them out."""

from __future__ import annotations

from datetime import date
from typing import Any


def test_every_unit_test_of_a_model_passes(warehouse: Any) -> None:
    warehouse.build(date(2024, 6, 30), test=False)
    done = warehouse.dbt("test", "--select", "test_type:unit")
    written = set(warehouse.manifest.unit_tests)
    assert {one.node.unique_id for one in done.results} == written
    assert len(written) > 50
    assert {str(one.status) for one in done.results} == {"pass"}
