"""A step is skipped only when everything it reads is as it was at its last success."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.built import Built, digest_of_files
from orchestration.warehouse import Warehouse


@pytest.fixture
def built(tmp_path: Path) -> Built:
    warehouse = Warehouse(tmp_path / "w.duckdb", 1, "500MB", tmp_path / "tmp")
    with warehouse.connect() as con:
        con.execute("create schema raw_control")
    return Built(warehouse)


def test_nothing_is_unchanged_before_its_first_success(built: Built) -> None:
    assert built.unchanged_since({"core/fct_orders": "a"}) is None


def test_the_run_that_built_it_is_named(built: Built) -> None:
    built.remember({"core/fct_orders": "a", "core/dim_dates": "b"}, "run-1")
    assert built.unchanged_since({"core/fct_orders": "a", "core/dim_dates": "b"}) == "run-1"


def test_one_changed_table_is_enough_to_build_the_step_again(built: Built) -> None:
    built.remember({"core/fct_orders": "a", "core/dim_dates": "b"}, "run-1")
    assert built.unchanged_since({"core/fct_orders": "a", "core/dim_dates": "c"}) is None


def test_a_step_that_started_and_did_not_end_is_not_done(built: Built) -> None:
    built.remember({"core/fct_orders": "a"}, "run-1")
    built.forget(["core/fct_orders"])
    assert built.unchanged_since({"core/fct_orders": "a"}) is None


def test_a_changed_or_renamed_file_changes_the_digest_and_a_cache_does_not(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "a.sql").write_text("select 1")
    first = digest_of_files(folder)
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "a.pyc").write_text("x")
    assert digest_of_files(folder) == first
    (folder / "a.sql").write_text("select 2")
    second = digest_of_files(folder)
    (folder / "a.sql").rename(folder / "b.sql")
    assert len({first, second, digest_of_files(folder)}) == 3
