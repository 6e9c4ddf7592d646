"""What a run keeps open between its steps, and gives back."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from sqlalchemy import Engine, NullPool, create_engine, text

from orchestration import warehouse as door
from orchestration.history import kept_open
from orchestration.warehouse import Warehouse, release


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path / "w.duckdb", 1, "500MB", tmp_path / "tmp")


def opens_otherwise(path: Path) -> bool:
    """Whether the file opens with settings that are not ours, as dbt does."""
    try:
        duckdb.connect(str(path), config={"threads": 2}).close()
    except duckdb.ConnectionException:
        return False
    return True


def test_the_file_lingers_within_the_block_and_is_free_when_released(warehouse: Warehouse) -> None:
    with warehouse.lingering():
        with warehouse.connect() as con:
            con.execute("create table t as select 1 as n")
        assert not opens_otherwise(warehouse.path)
        release(warehouse.path)
        assert opens_otherwise(warehouse.path)
        with warehouse.connect() as con:
            assert con.execute("select n from t").fetchall() == [(1,)]
    assert opens_otherwise(warehouse.path)


def test_without_the_block_a_connection_leaves_nothing_open(warehouse: Warehouse) -> None:
    with warehouse.connect():
        assert not opens_otherwise(warehouse.path)
    assert opens_otherwise(warehouse.path)


def test_a_file_that_fills_the_memory_is_given_back(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "LINGERING_BYTES", 0)
    with warehouse.lingering():
        with warehouse.connect() as con:
            con.execute("create table t as select range as n from range(10000)")
        assert opens_otherwise(warehouse.path)


def written(path: Path) -> Engine:
    """A database that is opened and closed around every statement, as Dagster does."""
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    with engine.begin() as con:
        con.execute(text("pragma journal_mode = wal"))
    with engine.begin() as con:
        con.execute(text("create table t (n integer)"))
    return engine


def synchronous(engine: Engine) -> int:
    with engine.connect() as con:
        return int(con.execute(text("pragma synchronous")).scalar_one())


def test_only_the_history_of_runs_does_not_wait_for_the_disk(tmp_path: Path) -> None:
    history, ledger = tmp_path / "history", tmp_path / "state"
    history.mkdir()
    ledger.mkdir()
    with kept_open(history):
        quick, safe = written(history / "runs.db"), written(ledger / "state.db")
        assert (history / "runs.db-wal").exists()
        assert not (ledger / "state.db-wal").exists()
        assert (synchronous(quick), synchronous(safe)) == (1, 2)
    assert not (history / "runs.db-wal").exists()
    assert synchronous(quick) == 2
    with quick.connect() as con:
        assert con.execute(text("select count(*) from t")).scalar_one() == 0
