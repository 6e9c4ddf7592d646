"""What the make-believe Brevo is asked to send: kept, told to the company, or refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from demo.fakes.brevo import received
from demo.world.facts import Facts, schema_of
from tests.fixtures.email_tool import Tool, listening, newsletter_facts, said
from tests.fixtures.shop_facts import FIRST_OF_MAY

SEED = 20260404
LONG_AGO, MAY = datetime(2020, 1, 1), datetime(2026, 5, 1)  # noqa: DTZ001 - naive UTC


@pytest.fixture
def facts() -> Facts:
    print(f"seed {SEED}")  # noqa: T201
    return newsletter_facts(SEED)


@pytest.fixture
def tool(tmp_path: Path, facts: Facts) -> Iterator[Tool]:
    with listening(tmp_path, facts) as tool:
        yield tool


def test_what_is_sent_through_it_is_kept_and_told_to_the_company(tool: Tool, facts: Facts) -> None:
    yes, no, listed = facts["customers"].to_pylist()[:3]
    stop = said(no["customer_key"], 900, "withdraw", occurred_at=MAY)
    acts = pa.Table.from_pylist([stop], schema=schema_of("consent_events"))
    tool.recorder.record({"consent_events": acts}, FIRST_OF_MAY)
    mail = {"sender": {"email": "nous@exemple.fr"}, "subject": "Bonjour", "tags": ["spring"]}
    versions = [{"to": [{"email": one["email"]}]} for one in (yes, no)]
    versions[0]["params"] = {"offer": "ten_percent"}  # type: ignore[assignment]
    sent = tool.ask("POST", "smtp/email", json=mail | {"messageVersions": versions})
    assert len(sent.json()["messageIds"]) == 2
    text = {"sender": "NOUS", "recipient": "+33612345678", "content": "Bonjour", "tag": "spring"}
    assert tool.ask("POST", "transactionalSMS/send", json=text).status_code == 201
    row = {"email": listed["email"], "attributes": {"OFFER": "gift", "UNKNOWN": "x"}}
    asked = {"jsonBody": [row], "newList": {"listName": "autumn"}}
    assert tool.ask("POST", "contacts/import", json=asked).status_code == 202
    found = {(one.channel, one.address): one for one in received(tool.road.root, LONG_AGO)}
    assert set(found) == {
        ("email", yes["email"]), ("sms", "+33612345678"), ("email", listed["email"]),
    }  # fmt: skip
    mine = found["email", yes["email"]]
    assert (mine.customer_key, mine.system) == (yes["customer_key"], "brevo")
    assert (mine.campaign, mine.offer) == ("spring", "ten_percent")
    assert mine.message_key == sent.json()["messageIds"][0]
    entered = found["email", listed["email"]]
    assert (entered.campaign, entered.offer) == ("autumn", "gift")
    assert received(tool.road.root, datetime(2030, 1, 1)) == []  # noqa: DTZ001 - naive UTC


@pytest.mark.parametrize(
    "asked",
    [{}, {"to": []}, {"to": [{"email": "a@exemple.fr"}]},
     {"subject": "x", "sender": {}, "messageVersions": [{"to": [{"email": "a@b.fr"}]}] * 1001}],
    ids=["nothing", "nobody", "no sender", "too many versions"],
)  # fmt: skip
def test_a_message_that_the_tool_would_refuse_is_refused(tool: Tool, asked: dict[str, Any]) -> None:
    answer = tool.ask("POST", "smtp/email", json=asked)
    assert (answer.status_code, sorted(answer.json())) == (400, ["code", "message"])
    assert received(tool.road.root, LONG_AGO) == []
