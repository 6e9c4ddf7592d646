"""What is not kept by person leaves when its class is too old, after a preview that says so."""

import csv
import json
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import insert, select

from activation.tables import exports
from ingestion.load import load_entity
from ingestion.place import Place
from ingestion.raw_tables import prepare
from orchestration.declared import declarations, entities
from orchestration.house import House
from orchestration.progress import Progress
from orchestration.purging import Purge
from orchestration.settings import DBT_PROJECT, Settings
from orchestration.state import open_state

AS_OF = date(2030, 3, 1)
ANCIENT, OLD, FRESH = (datetime.fromisoformat(f"{year}-12-31T12:00") for year in (2019, 2028, 2029))
DECLARED = """
system: web
description: An invented site.
owner: data
manifest: optional
settle_seconds: 1
files:
  visits:
    entity: web_events
    pattern: visits*.csv
    columns: {web_event_key: id, anonymous_id: cookie, customer_key: who, event_type: kind,
      occurred_at: day}
"""
VISITS = [
    ("e1", "cookie-old", "", "2028-06-01"), ("e2", "cookie-old", "", "2028-12-31"),
    ("e3", "cookie-back", "", "2028-06-01"), ("e4", "cookie-back", "", "2029-06-01"),
    ("e5", "cookie-known", "", "2028-06-01"), ("e6", "cookie-login", "7", "2028-06-01"),
]  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Any]:
    """A home in which something of each class is too old, and something is not."""
    home = tmp_path / "var"
    folders = {name: tmp_path / name for name in ("declarations",)}
    for folder in (*folders.values(), home / "landing" / "web", home / "logs", home / "dbt/logs",
                   home / "quarantine" / "web"):  # fmt: skip
        folder.mkdir(parents=True)
    (folders["declarations"] / "web.yml").write_text(DECLARED)
    settings = Settings(home=home, declarations=folders["declarations"], as_of=AS_OF)
    house = House(settings, "run", FRESH, Progress())
    with house.warehouse.connect() as con:
        prepare(con, entities())
        con.execute("create schema seeds; create schema intermediate")
        rules = DBT_PROJECT / "seeds" / "retention_rules.csv"
        con.execute(f"create table seeds.retention_rules as from read_csv('{rules}')")
        con.execute("create table intermediate.int_devices__owned (device_id varchar)")
        con.execute("insert into intermediate.int_devices__owned values ('web|cookie-known')")
        for moment in (OLD, FRESH):
            con.execute("insert into quarantine.files (row_json, reason, quarantined_at)"
                        " values ('{}', 'x', ?)", [moment])  # fmt: skip
        write_visits(settings.landing / "web" / "visits.csv", FRESH, VISITS)
        write_visits(settings.landing / "web" / "visits-ancient.csv", ANCIENT, [])
        place = Place(settings.landing, home / "work")
        load_entity(con, entities()["web_events"], declarations(settings), place,
                    now=datetime(2030, 1, 1, tzinfo=UTC))  # fmt: skip
    for name in ("dbt/logs/dbt.log", "quarantine/web/refused.csv"):
        written(home / name, "x", OLD)
        written(home / f"{name}.fresh", "x", FRESH)
    lines = [json.dumps({"event": "x", "timestamp": f"{day:%Y-%m-%dT%H:%M:%SZ}"})
             for day in (OLD, OLD, FRESH)]  # fmt: skip
    written(home / "logs" / "habitue.log", "\n".join(lines) + "\n", FRESH)
    engine = open_state(f"sqlite:///{home}/state/state.db")
    for number, (moment, removed_at) in enumerate([(OLD, OLD), (OLD, None), (FRESH, FRESH)]):
        note_export(engine, f"x_{number}", moment, removed_at)
    yield SimpleNamespace(house=house, engine=engine)
    engine.dispose()


def written(path: Path, text: str, moment: datetime) -> None:
    path.write_text(text)
    stamp = moment.replace(tzinfo=UTC).timestamp()
    os.utime(path, (stamp, stamp))


def write_visits(path: Path, moment: datetime, visits: list[tuple[str, ...]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "cookie", "who", "kind", "day"])
        writer.writerows([one, cookie, who, "page", day] for one, cookie, who, day in visits)
    written(path, path.read_text(), moment)


def note_export(engine: Any, name: str, moment: datetime, removed_at: datetime | None) -> None:
    texts = ("campaign", "segment", "channel", "purpose", "requested_by", "folder")
    values = dict.fromkeys(texts, "x")
    with engine.begin() as connection:
        connection.execute(
            insert(exports).values(
                **values, export_id=name, content_digest="x", row_count=1, written_at=moment,
                expires_on=moment.date(), removed_at=removed_at,
            )
        )  # fmt: skip


def read(desk: Any, query: str) -> list[tuple[Any, ...]]:
    with desk.house.warehouse.connect() as con:
        rows: list[tuple[Any, ...]] = con.execute(query).fetchall()
        return rows


def test_the_preview_counts_and_changes_nothing(desk: Any) -> None:
    found = {one.rule.data_class: one.count for one in Purge(desk).overdue()}
    assert found == {"export": 1, "landed": 1, "log": 3, "quarantine": 2, "visitor": 1}
    assert {one.rule.data_class: one.count for one in Purge(desk).overdue()} == found


def test_what_is_too_old_goes_and_nothing_else(desk: Any) -> None:
    home = desk.house.settings.home
    removed = {one.rule.data_class for one in Purge(desk).apply()}
    assert removed == {"export", "landed", "log", "quarantine", "visitor"}
    assert Purge(desk).overdue() == []
    with desk.engine.connect() as connection:
        assert list(connection.scalars(select(exports.c.export_id))) == ["x_1", "x_2"]
    assert [path.name for path in (home / "landing" / "web").iterdir()] == ["visits.csv"]
    assert [path.name for path in (home / "dbt" / "logs").iterdir()] == ["dbt.log.fresh"]
    assert [path.name for path in (home / "quarantine" / "web").iterdir()] == ["refused.csv.fresh"]
    assert len((home / "logs" / "habitue.log").read_text().splitlines()) == 1
    kept = read(desk, "select row_json is null from quarantine.files order by quarantined_at")
    assert kept == [(True,), (False,)]


def test_a_device_nobody_saw_for_a_year_goes_from_tables_and_files_and_stays_away(
    desk: Any,
) -> None:
    Purge(desk).apply()
    left = "select web_event_key from raw_files.web_events order by 1"
    assert read(desk, left) == [("e3",), ("e4",), ("e5",), ("e6",)]
    settings = desk.house.settings
    assert "cookie-old" not in (settings.landing / "web" / "visits.csv").read_text()
    back = [("e2", "cookie-old", "", "2028-12-31"), ("e7", "cookie-old", "", "2030-03-02")]
    write_visits(settings.landing / "web" / "visits-again.csv", FRESH, back)
    suppressions = House(settings, "next", FRESH, Progress()).suppressions
    place = Place(settings.landing, settings.home / "work", suppressions=suppressions)
    with desk.house.warehouse.connect() as con:
        load_entity(con, entities()["web_events"], declarations(settings), place,
                    now=datetime(2030, 3, 3, tzinfo=UTC))  # fmt: skip
    assert ("e2",) not in read(desk, left)
    assert ("e7",) in read(desk, left)
