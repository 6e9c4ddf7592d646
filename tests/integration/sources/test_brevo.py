"""Brevo over real HTTP and by its log: contacts, yes and no, messages."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pytest

from demo.fakes.answers import Answer, json_answer
from demo.fakes.budgets import Bucket
from demo.fakes.faults import Fault, broken_once, edited, html_page, with_byte_order_mark
from demo.systems.brevo_webhooks import BrevoWebhooks
from demo.systems.text_files import Rates
from demo.world.facts import Facts, schema_of
from ingestion.errors import SourceUnavailable
from tests.fixtures import invented_facts
from tests.fixtures.api_road import told
from tests.fixtures.email_tool import KEY, PEOPLE, Tool, listening, newsletter_facts, said
from tests.fixtures.shop_facts import FIRST_OF_MAY, MARCH, shop_facts

SEED = 20260403
NIGHT_AFTER = datetime(2026, 5, 2, 6, tzinfo=UTC)
LONG_AGO, MAY = datetime(2020, 1, 1), datetime(2026, 5, 1)  # noqa: DTZ001 - naive UTC
CUSTOMERS = ["customer_key", "email", "phone", "first_name", "last_name", "birth_date",
             "postal_code", "city", "country", "loyalty_card_key", "has_verified_email", "is_test",
             "registered_at"]  # fmt: skip
ACTS = ["customer_key", "channel", "purpose", "act", "door", "proof", "occurred_at"]
EVENTS = ["message_key", "campaign_key", "channel", "customer_key", "address", "event_type",
          "is_machine", "link_url", "occurred_at"]  # fmt: skip


@pytest.fixture
def facts() -> Facts:
    print(f"seed {SEED}")  # noqa: T201
    return newsletter_facts(SEED)


@pytest.fixture
def tool(tmp_path: Path, facts: Facts) -> Iterator[Tool]:
    with listening(tmp_path, facts) as tool:
        yield tool


def quarantined(tool: Tool, entity: str) -> int:
    return sum(file.rows_quarantined for file in tool.road.load(entity).files)


def test_the_contacts_that_were_recorded_arrive_in_the_raw_table(tool: Tool, facts: Facts) -> None:
    (table,) = tool.road.extract().tables
    assert (table.rows, table.stated_count) == (PEOPLE, PEOPLE)
    assert quarantined(tool, "customers") == 0
    assert tool.road.current("customers", CUSTOMERS) == told(facts, "customers", CUSTOMERS)


def test_what_people_said_in_the_form_arrives_with_its_proof(tool: Tool, facts: Facts) -> None:
    tool.road.extract()
    assert quarantined(tool, "consent_events") == 0
    assert tool.road.current("consent_events", ACTS) == told(facts, "consent_events", ACTS)


def test_a_no_stays_until_the_person_says_yes_again(tool: Tool, facts: Facts) -> None:
    tool.road.extract()
    tool.road.load("consent_events")
    keys = facts["customers"]["customer_key"].to_pylist()[:3]
    at = MAY.replace(hour=9)
    acts = [said(key, 900, "withdraw", occurred_at=at) for key in keys]
    acts += [said(keys[0], 901, "withdraw", channel="sms", occurred_at=at)]
    acts += [said(keys[1], 902, "double_opt_in_asked", occurred_at=at + timedelta(hours=1))]
    acts += [said(keys[2], 903, "double_opt_in_confirmed", occurred_at=at + timedelta(hours=1))]
    day = {"consent_events": pa.Table.from_pylist(acts, schema=schema_of("consent_events"))}
    tool.recorder.record(day, FIRST_OF_MAY)
    tool.road.now = NIGHT_AFTER
    tool.road.extract()
    assert quarantined(tool, "consent_events") == 0
    stops = {
        row[:2]
        for row in tool.road.current("consent_events", ["customer_key", "channel", "act"])
        if row[2] == "withdraw"
    }
    assert stops == {(keys[0], "email"), (keys[0], "sms"), (keys[1], "email")}


def test_every_event_of_a_message_arrives_and_a_leaving_is_a_withdrawal(tool: Tool) -> None:
    facts = invented_facts.invented(invented_facts.MARCH, {"message_events": ["brevo"]}, rows=300)
    BrevoWebhooks(tool.road.root, SEED, Rates(0, 0, 0, 0, 0, 0, 0)).record(
        facts, invented_facts.MARCH
    )
    assert quarantined(tool, "message_events") == 0
    wanted = []
    for row in facts["message_events"].to_pylist():
        is_email = row["channel"] == "email"
        wanted.append(row | {"is_machine": bool(row["is_machine"]) if is_email else None})
    assert tool.road.current("message_events", EVENTS) == sorted(
        (tuple(row[name] for name in EVENTS) for row in wanted), key=repr
    )
    tool.road.load("consent_events")
    left = [row for row in wanted if row["event_type"] in {"unsubscribed", "complained"}]
    names = ["customer_key", "address", "channel", "occurred_at"]
    assert tool.road.current("consent_events", [*names, "act", "purpose", "door"]) == sorted(
        ((*(row[name] for name in names), "withdraw", "marketing", "email_tool") for row in left),
        key=repr,
    )
    assert len(left) > 20


def test_the_log_and_the_contacts_name_people_by_the_same_key(tool: Tool) -> None:
    first = tool.recorder.store.after("contacts", 0, 1)[0]
    assert tool.rows()[0]["id"] == first.key  # what contact_id of a webhook says
    tool.ask("POST", "contacts/import", json={"jsonBody": [{"email": "new@exemple.fr"}]})
    assert tool.rows()[-1]["id"] > str(10**12)


def test_a_period_recorded_twice_changes_nothing(tool: Tool, facts: Facts) -> None:
    before = tool.rows()
    tool.recorder.record(facts, MARCH)
    assert tool.rows() == before


def test_a_day_later_only_what_changed_is_read(tool: Tool, facts: Facts) -> None:
    tool.road.extract()
    day = shop_facts("brevo", FIRST_OF_MAY, SEED, people=3, orders=0)
    moved = facts["customers"].slice(0, 1).to_pylist()[0] | {"city": "Ailleurs"}
    rows = [*day["customers"].to_pylist(), moved]
    customers = pa.Table.from_pylist(rows, schema=day["customers"].schema)
    tool.recorder.record({"customers": customers}, FIRST_OF_MAY)
    tool.road.now = NIGHT_AFTER
    (table,) = tool.road.extract().tables
    assert table.landed == 4
    for entity in ("customers", "consent_events"):
        assert quarantined(tool, entity) == 0
    cities = dict(tool.road.current("customers", ["customer_key", "city"]))
    assert cities[moved["customer_key"]] == "Ailleurs"
    # The move did not make the tool forget what the person said.
    assert tool.road.current("consent_events", ACTS) == told(facts, "consent_events", ACTS)


def test_a_contact_that_is_deleted_ends_and_no_other_does(tool: Tool, facts: Facts) -> None:
    tool.road.extract()
    tool.road.load("customers")
    gone = facts["customers"].to_pylist()[4]
    assert tool.ask("DELETE", f"contacts/{gone['email']}").status_code == 204
    (table,) = tool.road.extract().tables
    assert table.deleted == 1
    tool.road.load("customers")
    left = {key for (key,) in tool.road.current("customers", ["customer_key"])}
    assert left == set(facts["customers"]["customer_key"].to_pylist()) - {gone["customer_key"]}


def test_the_budget_of_ten_a_second_is_never_overdrawn(tool: Tool) -> None:
    tool.crowd(13_000)
    tool.refill()
    assert len({row["id"] for row in tool.rows()}) == 13_000 + PEOPLE
    assert tool.fake.count("/v3/contacts") == 14
    assert tool.fake.contacts_budget.refused_count == 0


def test_a_refusal_is_waited_out_as_its_header_says(tool: Tool) -> None:
    bucket = tool.fake.contacts_budget = Bucket(10, 0.5, time.monotonic)

    def spent_by_another_program(answer: Answer) -> Answer:
        assert bucket.take(bucket.level)
        return answer

    tool.crowd(1_500)
    tool.fake.script(Fault(edit=spent_by_another_program))
    assert len({row["id"] for row in tool.rows()}) == 1_500 + PEOPLE
    assert 1 <= bucket.refused_count <= 3


def test_contacts_deleted_while_they_are_read_hide_no_other(tool: Tool) -> None:
    tool.crowd(1_500)
    store = tool.recorder.store

    def forgetting(answer: Answer) -> Answer:
        for contact in store.after("contacts", 0, 25):
            store.remove("contacts", contact.key)
        return answer

    tool.fake.script(Fault(edit=forgetting))
    assert len({row["id"] for row in tool.rows()}) == 1_500 + PEOPLE


def test_the_make_believe_tool_is_as_strict_as_the_real_one(tool: Tool) -> None:
    refused = httpx.get(f"{tool.url}/v3/contacts", headers={"api-key": "wrong"})
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthorized")
    for params in ({"limit": 1001}, {"modifiedSince": "2026-01-01T00:00:00"}, {"sort": "oldest"}):
        answer = tool.ask("GET", "contacts", params=params)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter")
    tool.refill()
    answer = tool.ask("GET", "contacts")
    assert len(answer.json()["contacts"]) == PEOPLE
    assert answer.headers["x-sib-ratelimit-limit"] == "10"
    count = tool.ask("GET", "contacts", params={"modifiedSince": "2026-05-01T00:00:00Z"})
    assert count.json() == {"contacts": [], "count": 0}


FAULTS: list[tuple[str, Fault]] = [
    ("an error once", broken_once(502)),
    ("a reset line", Fault(breaks="reset")),
    ("a reset after the effect", Fault(breaks="reset", is_after_effect=True)),
    ("half an answer", Fault(breaks="cut")),
    ("a byte order mark", with_byte_order_mark()),
    ("too many", Fault(json_answer({"code": "too_many_requests"}, 429,
                                   {"x-sib-ratelimit-reset": "0"}))),
]  # fmt: skip


@pytest.mark.parametrize("fault", [fault for _, fault in FAULTS], ids=[name for name, _ in FAULTS])
def test_what_passes_is_waited_out(tool: Tool, fault: Fault) -> None:
    tool.fake.script(fault)
    assert len({row["id"] for row in tool.rows()}) == PEOPLE


def _without_ids(content: Any) -> Any:
    return content | {"contacts": [{"email": "p1@exemple.fr"}]}


LASTING: list[tuple[str, Fault, str]] = [
    ("a page of HTML", html_page(), "HTML"),
    ("no right", Fault(json_answer({"code": "unauthorized"}, 401)), "Check the key"),
    ("a redirect", Fault(Answer(302, headers={"Location": "/login"})), "redirect"),
    ("no count", Fault(json_answer({"contacts": [{"email": "p1@exemple.fr"}]})), "without 'count'"),
    ("a list", Fault(json_answer(["p1@exemple.fr"])), "without 'count'"),
    ("contacts without ids", edited(_without_ids), "contacts"),
    ("no JSON", Fault(Answer(body=b'{"contacts": [}')), "not JSON"),
]


@pytest.mark.parametrize(
    ("fault", "word"), [one[1:] for one in LASTING], ids=[one[0] for one in LASTING]
)
def test_what_lasts_is_said_and_nothing_of_it_is_shown(
    tool: Tool, fault: Fault, word: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    tool.fake.script(replace(fault, times=20))
    with pytest.raises(SourceUnavailable, match=word) as caught:
        tool.rows(LONG_AGO)
    for text in (str(caught.value), caplog.text):
        assert KEY not in text
        assert "exemple.fr" not in text
        assert "modifiedSince" not in text


def test_a_tool_that_refuses_the_key_leaves_what_landed(tool: Tool) -> None:
    tool.road.extract()
    landing = tool.road.root / "landing" / "brevo"
    before = sorted(path.name for path in landing.iterdir())
    tool.road.settings = {**tool.road.settings, "brevo_key": "wrong-key"}
    with pytest.raises(SourceUnavailable) as caught:
        tool.road.extract()
    assert "wrong-key" not in str(caught.value)
    assert sorted(path.name for path in landing.iterdir()) == before
