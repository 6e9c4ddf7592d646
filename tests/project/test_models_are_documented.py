"""One yml beside each model: its description says the grain, its columns what they mean."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from repository import relative, tracked

MODELS = tracked("dbt_project/models/**.sql")
MARTS = [m for m in MODELS if m.parent.name == "marts"]


def described(model: Path) -> dict[str, Any]:
    document = yaml.safe_load(model.with_suffix(".yml").read_text())
    return next(m for m in document["models"] if m["name"] == model.stem)


def column_meta(column: dict[str, Any]) -> dict[str, Any]:
    return (column.get("config") or {}).get("meta") or {}


@pytest.mark.parametrize("model", MODELS, ids=relative)
def test_a_model_has_its_yml_and_says_its_grain(model: Path) -> None:
    assert described(model)["description"].startswith("One row ")


@pytest.mark.parametrize("model", MARTS, ids=relative)
def test_a_mart_column_has_words_origin_and_privacy(model: Path) -> None:
    mart = described(model)
    faults = {}
    for column in mart["columns"]:
        meta = column_meta(column)
        complete = (
            column.get("description")
            and column.get("data_type")
            and meta.get("privacy") in {"public", "quasi", "direct"}
            and meta.get("origin") in {"declared", "observed", "inferred"}
            and set(meta.get("label") or {}) == {"en", "fr"}
        )
        if not complete:
            faults[column["name"]] = meta
    assert faults == {}
    assert mart["config"]["contract"]["enforced"] is True


def test_staging_is_the_only_place_that_reads_files() -> None:
    readers = [
        relative(m)
        for m in MODELS
        if "source('raw_files'" in m.read_text() and "/staging/" not in m.as_posix()
    ]
    assert readers == []


def test_what_marketers_read_of_a_customer_is_described_in_french_too() -> None:
    [base] = [model for model in MARTS if model.stem == "customer_360"]
    columns = described(base)["columns"]
    assert [c["name"] for c in columns if not column_meta(c).get("description_fr")] == []


def test_where_a_customer_shops_is_published_only_where_ten_share_it() -> None:
    [base] = [model for model in MARTS if model.stem == "customer_360"]
    privacy = {c["name"]: column_meta(c)["privacy"] for c in described(base)["columns"]}
    assert privacy["main_store_id"] == "quasi"
