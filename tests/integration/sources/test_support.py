"""The help desk over real HTTP: its questions arrive, within its limits, whatever fails."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest

from demo.fakes.faults import Fault, edited
from demo.fakes.server import serve
from demo.fakes.support import Support as Fake
from demo.systems.documents import Document
from demo.systems.support import Support as Recorder
from demo.world.facts import Facts
from ingestion.errors import SourceUnavailable
from ingestion.sources.support import SOURCE
from tests.fixtures.api_road import Road, told
from tests.fixtures.invented_facts import FIRST_OF_MAY, MARCH, invented
from tests.fixtures.rest_faults import LASTING, PASSING

SEED = 20260404
TOKEN = "desk-make-believe"  # noqa: S105
MORNING = datetime(2026, 4, 1, 6, tzinfo=UTC)
NIGHT_AFTER = datetime(2026, 5, 2, 6, tzinfo=UTC)
APRIL = datetime(2026, 4, 2)  # noqa: DTZ001 - naive UTC
(QUESTIONS,) = SOURCE.tables


@dataclass
class Desk:
    """The make-believe help desk, listening, and the road from it."""

    fake: Fake
    recorder: Recorder
    road: Road

    def rows(self, since: datetime | None = None) -> list[dict[str, Any]]:
        reader = SOURCE.connect(self.road.settings)
        try:
            return [row for page in reader.pages(QUESTIONS, since) for row in page]  # type: ignore[misc]
        finally:
            reader.close()

    def columns(self) -> tuple[str, ...]:
        return self.road.entities["questions"].column_names


@pytest.fixture
def facts() -> Facts:
    print(f"seed {SEED}")  # noqa: T201
    facts = invented(MARCH, {"questions": ["support"]}, 450, SEED)
    table = facts["questions"]
    answered = [
        row | ({"answered_at": None} if row["status"] == "open" else {})
        for row in table.to_pylist()
    ]
    return {"questions": table.from_pylist(answered, schema=table.schema)}


@pytest.fixture
def desk(tmp_path: Path, facts: Facts) -> Iterator[Desk]:
    recorder = Recorder(tmp_path)
    recorder.record(facts, MARCH)
    fake = Fake(tmp_path, TOKEN)
    with serve(fake) as url, duckdb.connect(str(tmp_path / "warehouse.duckdb")) as con:
        settings = {"support_url": url, "support_token": TOKEN}
        yield Desk(fake, recorder, Road(tmp_path, con, SOURCE, settings, MORNING))


def test_what_the_desk_recorded_arrives_in_the_raw_table(desk: Desk, facts: Facts) -> None:
    (table,) = desk.road.extract().tables
    assert (table.rows, table.stated_count, table.pages) == (450, 450, 3)
    loaded = desk.road.load("questions")
    assert sum(file.rows_quarantined for file in loaded.files) == 0
    assert desk.road.current("questions", desk.columns()) == told(
        facts, "questions", desk.columns()
    )
    systems = desk.road.con.execute(
        "select distinct customer_system, order_system from raw_files.questions"
    )
    assert systems.fetchall() == [("shop", "shop")]


def test_an_answer_a_month_later_is_a_new_version(desk: Desk, facts: Facts) -> None:
    desk.road.extract()
    desk.road.load("questions")
    table = facts["questions"]
    question = next(row for row in table.to_pylist() if row["status"] == "open")
    at = datetime(2026, 5, 1, 9, 30)  # noqa: DTZ001 - naive UTC
    answered = question | {"status": "answered", "answered_at": at}
    day = {"questions": table.from_pylist([answered], schema=table.schema)}
    desk.recorder.record(day, FIRST_OF_MAY)
    desk.recorder.record(day, FIRST_OF_MAY)
    desk.road.now = NIGHT_AFTER
    (read,) = desk.road.extract().tables
    assert read.landed == 1
    desk.road.load("questions")
    versions = desk.road.con.execute(
        "select status, answered_at, known_at = answered_at from raw_files.questions "
        "where question_key = ? order by known_at",
        [question["question_key"]],
    ).fetchall()
    assert versions[0][0] == "open"
    assert versions[1:] == [("answered", at, True)]


def test_what_changes_while_it_is_read_hides_no_neighbour(desk: Desk) -> None:
    def touched(content: Any) -> Any:
        for item in content["items"][:40]:
            kept = desk.recorder.store.by_key("questions", [item["id"]])[item["id"]]
            moved = Document(kept.key, "2026-05-01T20:00:00.000Z", kept.body | {"topic": "moved"})
            desk.recorder.store.put("questions", moved)
        return content

    desk.fake.script(edited(touched))
    rows = desk.rows()
    assert len({row["id"] for row in rows}) == 450
    assert sum(row["topic"] == "moved" for row in rows) == 40


def test_pages_and_cursors_that_the_desk_refuses(desk: Desk) -> None:
    url = f"{desk.road.settings['support_url']}/api/v1/questions"
    headers = {"Authorization": f"Bearer {TOKEN}"}
    for params in ({"page_size": "201"}, {"page_size": "0"}, {"cursor": "nonsense"}):
        answer = httpx.get(url, params=params, headers=headers)
        assert answer.status_code == 400
        assert answer.headers["content-type"].startswith("application/problem+json")
    assert httpx.get(url).status_code == 401


def test_the_budget_is_not_overdrawn(desk: Desk) -> None:
    assert desk.fake.bucket.take(9)
    reader = SOURCE.connect(desk.road.settings)
    for _ in range(54):
        assert reader.count(QUESTIONS, None) == 450
    reader.close()
    assert desk.fake.bucket.taken == 9 + 54
    assert desk.fake.bucket.refused_count == 0


def test_a_spent_budget_is_waited_for(desk: Desk) -> None:
    assert desk.fake.bucket.take(59)
    assert len(desk.rows()) == 450
    assert 1 <= desk.fake.bucket.refused_count <= 4


@pytest.mark.parametrize("name", PASSING)
def test_what_passes_is_waited_out(desk: Desk, name: str) -> None:
    desk.fake.script(PASSING[name])
    assert len({row["id"] for row in desk.rows()}) == 450


@pytest.mark.parametrize("name", LASTING)
def test_what_lasts_is_said_and_nothing_of_it_is_shown(
    desk: Desk, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    fault, word = LASTING[name]
    desk.fake.script(fault)
    with pytest.raises(SourceUnavailable, match=word) as caught:
        desk.rows(APRIL)
    for text in (str(caught.value), caplog.text):
        assert TOKEN not in text
        assert "exemple.fr" not in text
        assert "updated_since" not in text


def test_a_cursor_that_loops_is_noticed(desk: Desk) -> None:
    looping = edited(lambda content: content | {"next_cursor": "WyIyMDI2IiwgMV0="})
    desk.fake.script(Fault(edit=looping.edit, times=9))
    with pytest.raises(SourceUnavailable, match="cursor came back"):
        desk.rows()


def test_a_wrong_token_leaves_the_table_as_it_was(desk: Desk) -> None:
    desk.road.extract()
    before = sorted(desk.road.root.glob("landing/support/*"))
    desk.road.settings = {**desk.road.settings, "support_token": "desk-wrong"}
    with pytest.raises(SourceUnavailable, match="Check the key") as caught:
        desk.road.extract()
    assert "desk-wrong" not in str(caught.value)
    assert sorted(desk.road.root.glob("landing/support/*")) == before
