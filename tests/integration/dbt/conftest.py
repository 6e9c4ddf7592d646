"""A tiny warehouse: inline rows of canonical entities, the real identity and the real models."""

# ruff: noqa: DTZ001 - the warehouse keeps naive UTC

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy import create_engine

from activation import scenario_store
from contract.entity import Entity, load_entities
from governance.address_table import prepare as prepare_hashes
from governance.mirror import copy_entries
from governance.preferences.mirror import copy_events
from governance.preferences.tables import metadata as preferences_metadata
from governance.tables import metadata
from identity.cluster import cluster
from identity.overrides import Decision
from ingestion.raw_tables import prepare
from ml import store
from orchestration.dbt import QUIET
from quality import phone_numbers

PROJECT = Path(__file__).parents[3] / "dbt_project"
BEFORE_IDENTITY = ["tag:before_identity"]
AFTER_IDENTITY = ["staging.state", "intermediate", "core", "marts"]


@dataclass
class TinyWarehouse:
    """One DuckDB file with every raw table, filled by `load` and built by `build`."""

    path: Path
    entities: dict[str, Entity]
    manifest: Any

    def load(
        self,
        entity: str,
        rows: list[dict[str, Any]],
        *,
        system: str = "shop",
        loaded_at: datetime = datetime(2025, 1, 1),
        **keys_of: str,
    ) -> None:
        """Append rows as the loading would; known_at is the event's time unless a row says.

        keys_of: system whose keys a kind of key uses (`product="shop"`), else the system itself.
        """
        described = self.entities[entity]
        with duckdb.connect(str(self.path)) as con:
            for number, row in enumerate(rows, start=1):
                known_at = row.get("known_at") or row.get(described.happened_at or "")
                full = {column: row.get(column) for column in described.column_names}
                full |= {
                    f"{kind}_system": keys_of.get(kind, system) for kind in described.key_spaces
                }
                full |= {
                    "source_system": system,
                    "source_key": "|".join(str(row[part]) for part in described.key),
                    "content_hash": hashlib.md5(repr(row).encode()).hexdigest(),  # noqa: S324
                    "known_at": known_at or datetime(2020, 1, 1),
                    "loaded_at": loaded_at,
                    "is_deleted": row.get("is_deleted", False),
                    "load_id": loaded_at.isoformat(),
                    "file_name": "inline",
                    "file_line": number,
                }
                marks = ", ".join("?" for _ in full)
                names = ", ".join(full)
                con.execute(
                    f"insert into raw_files.{entity} ({names}) values ({marks})",
                    list(full.values()),
                )
            con.execute(
                "update raw_control.sources set is_connected = true, source_system = ?, "
                "last_checked_at = ?, data_through = ?, cadence_days = 1 where entity = ?",
                [system, loaded_at, loaded_at, entity],
            )

    def build(
        self,
        as_of: date,
        *flags: str,
        test: bool = True,
        decisions: Sequence[Decision] = (),
    ) -> None:
        """Everything in the order of a run: models, identity, models and tests."""
        self.execute("delete from raw_control.run")
        self.execute("insert into raw_control.run values ('test', ?, ?)", [as_of, datetime.now()])  # noqa: DTZ005
        self.dbt("run", "--select", *BEFORE_IDENTITY, *flags)
        with duckdb.connect(str(self.path)) as con:
            cluster(con, decisions)
            phone_numbers.judge_numbers(con)
        self.dbt("run", "--select", *AFTER_IDENTITY, *flags)
        if test:
            self.dbt("test", "--select", "test_type:data", "--exclude", "features")

    def dbt(self, *args: str) -> Any:
        return run_dbt(self.manifest, *args)

    def execute(self, sql: str, values: list[Any] | None = None) -> None:
        with duckdb.connect(str(self.path)) as con:
            con.execute(sql, values or [])

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.path), read_only=True) as con:
            return con.execute(sql).fetchall()

    def value(self, sql: str) -> Any:
        return self.rows(sql)[0][0]


def run_dbt(manifest: Any, *args: str) -> Any:
    """One dbt command in this process, on a project parsed once; its connection is closed after."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    where = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), *QUIET]
    try:
        outcome = dbtRunner(manifest=manifest).invoke([args[0], *where, *args[1:]])
    finally:
        DuckDBConnectionManager.close_all_connections()
    results = getattr(outcome.result, "results", [])
    failed = [(r.node.name, r.message) for r in results if str(r.status) in {"error", "fail"}]
    assert outcome.success, failed or outcome.exception
    return outcome.result


@dataclass(frozen=True)
class Template:
    """An empty warehouse with its seeds, copied for each test, and the parsed project."""

    path: Path
    copied_to: Path
    entities: dict[str, Entity]
    manifest: Any


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    home = tmp_path_factory.mktemp("dbt")
    path = home / "habitue.duckdb"
    entities = load_entities()
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    preferences_metadata.create_all(engine)
    with duckdb.connect(str(path)) as con:
        prepare(con, entities)
        store.prepare(con)
        phone_numbers.prepare(con)
        copy_entries(engine, con)
        prepare_hashes(con)
        copy_events(engine, con)
        scenario_store.prepare(con)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment(home).items():
            patch.setenv(name, value)
        manifest = run_dbt(None, "parse")
        run_dbt(manifest, "seed")
    return Template(path.rename(home / "empty.duckdb"), path, entities, manifest)


def environment(home: Path) -> dict[str, str]:
    return {
        "HABITUE_WAREHOUSE": str(home / "habitue.duckdb"),
        "HABITUE_TEMP": str(home / "temp"),
        "HABITUE_TIME_ZONE": "Europe/Paris",
        "HABITUE_CURRENCY": "EUR",
        "HABITUE_THREADS": "2",
        "HABITUE_MEMORY_LIMIT": "1GB",
        "DBT_TARGET_PATH": str(home / "target"),
        "DBT_LOG_PATH": str(home / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }


@pytest.fixture
def warehouse(template: Template, monkeypatch: pytest.MonkeyPatch) -> Iterator[TinyWarehouse]:
    for name, value in environment(template.path.parent).items():
        monkeypatch.setenv(name, value)
    shutil.copy(template.path, template.copied_to)
    yield TinyWarehouse(template.copied_to, template.entities, template.manifest)
    template.copied_to.unlink()
