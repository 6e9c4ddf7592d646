"""What a run keeps open between its steps, and gives back."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from dagster import DagsterInstance, EventLogEntry
from sqlalchemy import text

from orchestration import warehouse as door
from orchestration.history import OPEN_FILES, Events
from orchestration.settings import PROJECT_ROOT
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


def told(events: Events, run_id: str) -> list[str]:
    return [entry.user_message for entry in events.get_logs_for_run(run_id)]


def say(events: Events, run_id: str, message: str) -> None:
    events.store_event(
        EventLogEntry(
            error_info=None, user_message=message, level=20, run_id=run_id, timestamp=0.0,
            dagster_event=None,
        )
    )  # fmt: skip


def test_the_history_of_a_run_stays_open_until_it_is_given_back(tmp_path: Path) -> None:
    events = Events(str(tmp_path))
    for message in ("one", "two"):
        say(events, "run", message)
    assert told(events, "run") == ["one", "two"]
    assert (tmp_path / "run.db-wal").exists()
    with events.run_connection("run") as connection:
        assert connection.execute(text("pragma synchronous")).scalar_one() == 1
    events.dispose()
    assert not (tmp_path / "run.db-wal").exists()
    say(events, "run", "three")
    assert told(events, "run") == ["one", "two", "three"]
    events.dispose()


def test_the_histories_of_many_runs_are_read_with_few_files_open(tmp_path: Path) -> None:
    events = Events(str(tmp_path))
    runs = [f"run{number}" for number in range(3 * OPEN_FILES)]
    for run_id in runs:
        say(events, run_id, run_id)
    assert [told(events, run_id) for run_id in runs] == [[run_id] for run_id in runs]
    assert len(list(tmp_path.glob("*.db-wal"))) <= OPEN_FILES
    events.dispose()


def test_dagster_yaml_names_this_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("STORAGE", "ARTIFACTS", "LOGS"):
        monkeypatch.setenv(f"HABITUE_DAGSTER_{name}", str(tmp_path / name))
    with DagsterInstance.from_config(str(PROJECT_ROOT)) as instance:
        assert isinstance(instance.event_log_storage, Events)
