"""HubSpot over real HTTP: what the CRM recorded arrives, within its limits, whatever fails."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest

from demo.fakes.answers import Answer, json_answer
from demo.fakes.budgets import Bucket
from demo.fakes.faults import Fault, edited
from demo.fakes.hubspot import Hubspot as Fake
from demo.fakes.server import serve
from demo.systems.documents import Document
from demo.systems.hubspot import Hubspot as Recorder
from demo.world.facts import Facts, Period
from ingestion.errors import SourceUnavailable
from ingestion.sources.hubspot import SOURCE
from tests.fixtures.api_road import Road, told
from tests.fixtures.crm_facts import changed, crm_facts
from tests.fixtures.invented_facts import FIRST_OF_MAY, MARCH
from tests.fixtures.rest_faults import LASTING, PASSING

SEED = 20260403
TOKEN = "pat-eu1-make-believe"  # noqa: S105
MORNING = datetime(2026, 4, 1, 6, tzinfo=UTC)
NIGHT_AFTER = datetime(2026, 5, 2, 6, tzinfo=UTC)
APRIL = datetime(2026, 4, 2)  # noqa: DTZ001 - naive UTC
ENTITIES = ["customers", "companies", "leads", "lead_stage_events", "interactions", "quotes",
            "lead_feedback"]  # fmt: skip
# A CRM keeps no such things of a contact; it gives the changes of a deal no key.
NOT_TOLD = {
    "income_band", "home_ownership", "marital_status", "household_size", "household_composition",
    "children_count", "lead_stage_event_key",
}  # fmt: skip


@dataclass
class Crm:
    """The make-believe account, listening, and the road from it."""

    fake: Fake
    recorder: Recorder
    road: Road

    @property
    def url(self) -> str:
        return self.road.settings["hubspot_url"]

    def rows(self, table: str, since: datetime | None = None) -> list[dict[str, Any]]:
        reader = SOURCE.connect(self.road.settings)
        wanted = {one.name: one for one in SOURCE.tables}[table]
        try:
            return [row for page in reader.pages(wanted, since) for row in page]  # type: ignore[misc]
        finally:
            reader.close()

    def keep_companies(self, count: int, gap: timedelta) -> None:
        """Companies changed in May, one after another."""
        begun = datetime(2026, 5, 1, tzinfo=UTC)
        self.recorder.store.put(
            "companies",
            *(
                Document(f"new-{n:06d}", _iso(begun + n * gap), {"properties": {}, "links": {}})
                for n in range(count)
            ),
        )


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def columns_of(road: Road, entity: str) -> list[str]:
    return [name for name in road.entities[entity].column_names if name not in NOT_TOLD]


@pytest.fixture
def facts() -> Facts:
    print(f"seed {SEED}")  # noqa: T201
    return crm_facts(MARCH, SEED, rows=130)


@pytest.fixture
def crm(tmp_path: Path, facts: Facts) -> Iterator[Crm]:
    recorder = Recorder(tmp_path)
    recorder.record(facts, MARCH)
    fake = Fake(tmp_path, TOKEN)
    with serve(fake) as url, duckdb.connect(str(tmp_path / "warehouse.duckdb")) as con:
        settings = {"hubspot_url": url, "hubspot_token": TOKEN}
        yield Crm(fake, recorder, Road(tmp_path, con, SOURCE, settings, MORNING))


def test_what_the_crm_recorded_arrives_in_the_raw_tables(crm: Crm, facts: Facts) -> None:
    report = crm.road.extract()
    assert report.notices == ()
    assert all(table.rows == table.stated_count for table in report.tables)
    for entity in ENTITIES:
        columns = columns_of(crm.road, entity)
        loaded = crm.road.load(entity)
        assert sum(file.rows_quarantined for file in loaded.files) == 0, entity
        assert crm.road.current(entity, columns) == told(facts, entity, columns), entity


def test_a_period_recorded_twice_changes_nothing(crm: Crm, facts: Facts) -> None:
    before = crm.rows("deals")
    crm.recorder.record(facts, MARCH)
    assert crm.rows("deals") == before


def test_a_day_later_only_what_changed_is_read(crm: Crm, facts: Facts) -> None:
    crm.road.extract()
    crm.road.load("leads")
    crm.road.load("lead_stage_events")
    day = crm_facts(FIRST_OF_MAY, SEED, rows=4)
    known = facts["leads"]["lead_key"].to_pylist()[0]
    changed(day, "lead_stage_events", lambda row: row | {"lead_key": known})
    crm.recorder.record(day, FIRST_OF_MAY)
    crm.road.now = NIGHT_AFTER
    landed = {table.name: table.landed for table in crm.road.extract().tables}
    assert landed["contacts"] == landed["companies"] == landed["quotes"] == 4
    assert landed["deals"] == 5
    events = crm.road.load("lead_stage_events")
    assert sum(file.rows_loaded for file in events.files) == 4
    assert sum(file.rows_quarantined for file in events.files) == 0


def test_a_lead_told_again_without_a_move_changed_then_not_when_it_was_made(
    crm: Crm, facts: Facts
) -> None:
    leads = facts["leads"].slice(0, 1)
    named = leads.schema.get_field_index("seller_key")
    leads = leads.set_column(named, leads.schema.field(named), [["V99"]])
    april = Period(date(2026, 4, 1), date(2026, 4, 30), is_history=True)
    crm.recorder.record({"leads": leads}, april)
    key = leads["lead_key"][0].as_py()
    deal = crm.recorder.store.by_key("deals", [key])[key]
    assert deal.body["properties"]["hubspot_owner_id"] == "V99"
    assert deal.changed_at.startswith("2026-04-30")


def test_what_is_deleted_ends_its_version(crm: Crm) -> None:
    kinds = {"contacts": "customers", "companies": "companies", "deals": "leads"}
    crm.road.extract()
    gone = {table: crm.recorder.store.after(table, 0, 1)[0].key for table in kinds}
    for table, key in gone.items():
        assert crm.recorder.store.remove(table, key)
    deleted = {one.name: one.deleted for one in crm.road.extract().tables if one.deleted}
    assert deleted == dict.fromkeys(kinds, 1)
    for table, entity in kinds.items():
        crm.road.load(entity)
        current = {row[0] for row in crm.road.current(entity, [crm.road.entities[entity].key[0]])}
        assert len(current) == 129
        assert gone[table] not in current


def test_a_return_keeps_the_reason_of_the_same_save(crm: Crm, facts: Facts) -> None:
    events = [row for row in facts["lead_stage_events"].to_pylist() if row["return_reason"]]
    found = {
        (deal["id"], stage["timestamp"], stage["return_reason"])
        for deal in crm.rows("deals")
        for stage in deal["dealstages"]
    }
    assert events
    for row in events:
        at = _iso(row["occurred_at"].replace(tzinfo=UTC))
        assert (row["lead_key"], at, row["return_reason"]) in found


def test_neither_budget_is_overdrawn(crm: Crm) -> None:
    crm.keep_companies(900, timedelta(seconds=1))
    for _ in range(2):
        assert len(crm.rows("companies", APRIL)) >= 900
        assert len(crm.rows("companies")) == 1030
    assert crm.fake.searches.taken > 2 * crm.fake.searches.capacity - 2
    assert crm.fake.searches.refused_count == 0
    assert crm.fake.bucket.refused_count == 0


def test_more_changes_at_once_than_a_search_tells_are_all_read(crm: Crm) -> None:
    crm.keep_companies(10_150, timedelta())
    headers = {"Authorization": f"Bearer {TOKEN}"}
    beyond = {"limit": 200, "after": "9900"}
    path = f"{crm.url}/crm/v3/objects/companies/search"
    assert httpx.post(path, json=beyond, headers=headers).status_code == 400
    rows = {row["id"] for row in crm.rows("companies", APRIL)}
    assert sum(key.startswith("new-") for key in rows) == 10_150


def test_what_changes_while_it_is_searched_hides_no_neighbour(crm: Crm) -> None:
    crm.keep_companies(450, timedelta(seconds=1))

    def touched(content: Any) -> Any:
        for one in content["results"][:50]:
            moved = Document(one["id"], "2026-05-01T20:00:00.000Z", {"properties": {"name": "x"},
                             "links": {}})  # fmt: skip
            crm.recorder.store.put("companies", moved)
        return content

    crm.fake.script(edited(touched))
    assert {row["id"] for row in crm.rows("companies", APRIL + timedelta(days=28))} == {
        f"new-{n:06d}" for n in range(450)
    }


@pytest.mark.parametrize("name", PASSING)
def test_what_passes_is_waited_out(crm: Crm, name: str) -> None:
    crm.fake.script(PASSING[name])
    assert len({row["id"] for row in crm.rows("contacts")}) == 130


def test_the_policy_named_in_a_refusal_says_how_long_to_wait(crm: Crm) -> None:
    begun = time.monotonic()
    crm.fake.script(Fault(json_answer({"policyName": "SECONDLY"}, 429)))
    assert len(crm.rows("contacts")) == 130
    assert time.monotonic() - begun >= 1
    assert crm.fake.count("/crm/v3") == 3


def test_searches_that_another_program_spent_are_waited_for(crm: Crm) -> None:
    def spent(answer: Answer) -> Answer:
        assert crm.fake.searches.take(crm.fake.searches.level)
        return answer

    crm.keep_companies(450, timedelta(seconds=1))
    crm.fake.searches = Bucket(5, 1, time.monotonic)
    crm.fake.script(Fault(edit=spent))
    assert len({row["id"] for row in crm.rows("companies", APRIL)}) >= 450
    assert 1 <= crm.fake.searches.refused_count <= 4


def test_a_budget_of_the_day_is_not_waited_for(crm: Crm) -> None:
    crm.fake.script(Fault(json_answer({"policyName": "DAILY"}, 429)))
    with pytest.raises(SourceUnavailable, match="too many"):
        crm.rows("contacts")


@pytest.mark.parametrize("name", LASTING)
def test_what_lasts_is_said_and_nothing_of_it_is_shown(
    crm: Crm, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    fault, word = LASTING[name]
    crm.fake.script(fault)
    with pytest.raises(SourceUnavailable, match=word) as caught:
        crm.rows("contacts")
    for text in (str(caught.value), caplog.text):
        assert TOKEN not in text
        assert "exemple.fr" not in text


def test_a_wrong_token_leaves_the_tables_as_they_were(crm: Crm) -> None:
    crm.road.extract()
    before = sorted(crm.road.root.glob("landing/hubspot/*"))
    crm.road.settings = {**crm.road.settings, "hubspot_token": "pat-wrong"}
    with pytest.raises(SourceUnavailable, match="Check the key") as caught:
        crm.road.extract()
    assert "pat-wrong" not in str(caught.value)
    assert sorted(crm.road.root.glob("landing/hubspot/*")) == before


def test_a_cursor_that_loops_is_noticed(crm: Crm) -> None:
    looping = edited(lambda content: content | {"paging": {"next": {"after": "7"}}})
    crm.fake.script(Fault(edit=looping.edit, times=9))
    with pytest.raises(SourceUnavailable, match="cursor came back"):
        crm.rows("contacts")


def test_an_object_that_is_gone_before_it_is_looked_up_is_no_error(crm: Crm) -> None:
    gone = crm.recorder.store.after("deals", 0, 1)[0].key

    def removed(answer: Answer) -> Answer:
        crm.recorder.store.remove("deals", gone)
        return answer

    crm.fake.script(Fault(edit=removed))
    found = {row["id"]: row["dealstages"] for row in crm.rows("deals")}
    assert found[gone] == []
    assert len(found) == 130
