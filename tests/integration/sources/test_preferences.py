"""The preference centre over real HTTP: its journal arrives, whole lines and whole pages only."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest

from demo.fakes.answers import Answer
from demo.fakes.budgets import Bucket
from demo.fakes.faults import Fault, with_byte_order_mark
from demo.fakes.preferences import PER_SECOND
from demo.fakes.preferences import Preferences as Fake
from demo.fakes.server import serve
from demo.systems.preferences import Preferences as Recorder
from demo.world.facts import Facts
from ingestion.errors import SourceUnavailable
from ingestion.sources.preferences import SOURCE
from tests.fixtures.api_road import Road, told
from tests.fixtures.invented_facts import FIRST_OF_MAY, MARCH, invented
from tests.fixtures.rest_faults import LASTING, PASSING

SEED = 20260405
TOKEN = "centre-make-believe"  # noqa: S105
MORNING = datetime(2026, 4, 1, 6, tzinfo=UTC)
NIGHT_AFTER = datetime(2026, 5, 2, 6, tzinfo=UTC)
APRIL = datetime(2026, 4, 2)  # noqa: DTZ001 - naive UTC
ENTITIES = {
    "consents": "consent_events",
    "choices": "preference_updates",
    "erasures": "erasure_requests",
}
EVERY = {entity: ["preferences"] for entity in ENTITIES.values()}


@dataclass
class Centre:
    """The make-believe preference centre, listening, and the road from it."""

    fake: Fake
    recorder: Recorder
    road: Road

    def rows(self, table: str, since: datetime | None = None) -> list[dict[str, Any]]:
        reader = SOURCE.connect(self.road.settings)
        wanted = {one.name: one for one in SOURCE.tables}[table]
        try:
            return [row for page in reader.pages(wanted, since) for row in page]  # type: ignore[misc]
        finally:
            reader.close()


@pytest.fixture
def facts() -> Facts:
    print(f"seed {SEED}")  # noqa: T201
    return invented(MARCH, EVERY, 120, SEED)


@pytest.fixture
def centre(tmp_path: Path, facts: Facts) -> Iterator[Centre]:
    recorder = Recorder(tmp_path)
    recorder.record(facts, MARCH)
    fake = Fake(tmp_path, TOKEN)
    with serve(fake) as url, duckdb.connect(str(tmp_path / "warehouse.duckdb")) as con:
        settings = {"preferences_url": url, "preferences_token": TOKEN}
        yield Centre(fake, recorder, Road(tmp_path, con, SOURCE, settings, MORNING))


def test_what_the_centre_recorded_arrives_in_the_raw_tables(centre: Centre, facts: Facts) -> None:
    report = centre.road.extract()
    assert {table.name: table.stated_count for table in report.tables} == dict.fromkeys(
        ENTITIES, 120
    )
    for entity in ENTITIES.values():
        columns = centre.road.entities[entity].column_names
        loaded = centre.road.load(entity)
        assert sum(file.rows_quarantined for file in loaded.files) == 0, entity
        assert centre.road.current(entity, columns) == told(facts, entity, columns), entity
        systems = centre.road.con.execute(
            f"select distinct customer_system from raw_files.{entity}"
        )
        assert systems.fetchall() == [("shop",)]


def test_a_day_later_only_new_events_are_read(centre: Centre) -> None:
    centre.road.extract()
    for entity in ENTITIES.values():
        centre.road.load(entity)
    day = invented(FIRST_OF_MAY, EVERY, 5, SEED)
    centre.recorder.record(day, FIRST_OF_MAY)
    centre.recorder.record(day, FIRST_OF_MAY)
    centre.road.now = NIGHT_AFTER
    landed = {table.name: table.landed for table in centre.road.extract().tables}
    assert landed == dict.fromkeys(ENTITIES, 5)
    for entity in ENTITIES.values():
        files = centre.road.load(entity).files
        assert [(file.rows_loaded, file.rows_quarantined) for file in files] == [(5, 0)]


def test_a_centre_without_a_request_is_read_all_the_same(tmp_path: Path) -> None:
    fake = Fake(tmp_path, TOKEN)
    with serve(fake) as url, duckdb.connect(str(tmp_path / "warehouse.duckdb")) as con:
        settings = {"preferences_url": url, "preferences_token": TOKEN}
        report = Road(tmp_path, con, SOURCE, settings, MORNING).extract()
    assert report.notices == ()
    assert [table.rows for table in report.tables] == [0, 0, 0]


def test_a_journal_of_many_pages_is_read_in_its_order(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    many = invented(MARCH, {"consent_events": ["preferences"]}, 2300, SEED)
    recorder.record(many, MARCH)
    fake = Fake(tmp_path, TOKEN)
    with serve(fake) as url, duckdb.connect(str(tmp_path / "warehouse.duckdb")) as con:
        settings = {"preferences_url": url, "preferences_token": TOKEN}
        centre = Centre(fake, recorder, Road(tmp_path, con, SOURCE, settings, MORNING))
        rows = centre.rows("consents")
        assert fake.count("/v1/events/consent") == 3
        path = f"{url}/v1/events/consent"
        headers = {"Authorization": f"Bearer {TOKEN}"}
        assert httpx.get(path, params={"limit": "1001"}, headers=headers).status_code == 400
        assert httpx.get(path).status_code == 401
    times = [row["at"] for row in rows]
    assert len({row["id"] for row in rows}) == 2300
    assert times == sorted(times)


def test_the_budget_is_not_overdrawn(centre: Centre) -> None:
    centre.fake.bucket = Bucket(3, PER_SECOND, time.monotonic)
    reader = SOURCE.connect(centre.road.settings)
    for _ in range(5):
        for table in SOURCE.tables:
            assert reader.count(table, None) == 120
    reader.close()
    assert centre.fake.bucket.taken == 15
    assert centre.fake.bucket.refused_count == 0


def test_a_spent_budget_is_waited_for(centre: Centre) -> None:
    assert centre.fake.bucket.take(centre.fake.bucket.level)
    assert len(centre.rows("choices")) == 120
    assert centre.fake.bucket.refused_count == 1


@pytest.mark.parametrize("name", PASSING)
def test_what_passes_is_waited_out(centre: Centre, name: str) -> None:
    centre.fake.script(PASSING[name])
    assert len({row["id"] for row in centre.rows("consents")}) == 120


def _body(text: bytes) -> Fault:
    return Fault(edit=lambda answer: replace(answer, body=answer.body + text))


BROKEN = LASTING | {
    "a line without its end": (_body(b'{"id": "1"}'), "has no end"),
    "half of a line": (_body(b'{"id": "1", "email": "p1@exemple\n'), "not JSON"),
    "a line that is no event": (_body(b'"p1@exemple.fr"\n'), "not objects"),
    "an event without a name": (_body(b'{"email": "p1@exemple.fr"}\n'), "without 'id'"),
    "nothing but a brace": (Fault(Answer(body=b"{\n")), "not JSON"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_lasts_is_said_and_nothing_of_it_is_shown(
    centre: Centre, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    fault, word = BROKEN[name]
    centre.fake.script(fault)
    with pytest.raises(SourceUnavailable, match=word) as caught:
        centre.rows("consents", APRIL.replace(month=3, day=1))
    for text in (str(caught.value), caplog.text):
        assert TOKEN not in text
        assert "exemple.fr" not in text
        assert "since=" not in text


def test_a_byte_order_mark_is_not_part_of_the_first_event(centre: Centre) -> None:
    centre.fake.script(with_byte_order_mark())
    assert len(centre.rows("consents")) == 120


def test_a_cursor_that_loops_is_noticed(centre: Centre) -> None:
    def looping(answer: Answer) -> Answer:
        return replace(answer, headers={**answer.headers, "x-next-after": "7"})

    centre.fake.script(Fault(edit=looping, times=9))
    with pytest.raises(SourceUnavailable, match="cursor came back"):
        centre.rows("consents")


def test_a_wrong_token_leaves_the_tables_as_they_were(centre: Centre) -> None:
    centre.road.extract()
    before = sorted(centre.road.root.glob("landing/preferences/*"))
    centre.road.settings = {**centre.road.settings, "preferences_token": "centre-wrong"}
    with pytest.raises(SourceUnavailable, match="Check the key") as caught:
        centre.road.extract()
    assert "centre-wrong" not in str(caught.value)
    assert sorted(centre.road.root.glob("landing/preferences/*")) == before
