"""Every e-mail row leads its person to the preference centre, or it is not sent."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from activation.apply import apply_plan, open_plans
from activation.destination import DeliveryFailed
from activation.payloads import LINKS as COLUMNS
from activation.tables import plan_rows
from contract.gate import RecordKey
from demo.tool import Running
from governance.ledger import Entry, append, entry_id
from governance.preferences.say import STOP_EMAIL, Desk
from governance.tables import departures
from orchestration.preferences import find_person
from tests.fixtures.small_company import FILES, LETTER, LINKS, Company

MAIL = replace(LETTER, name="mail", channel="email", destination="email_tool")
LIST = replace(FILES, name="list", channel="email")


@pytest.fixture
def agreed(company: Company) -> Company:
    """Everybody has an address, and said yes to e-mail."""
    company.con.execute("update marts.customer_360 set email = customer_key || '@shop.example'")
    keys = sorted(company.keys("true"))
    append(company.engine, [_yes(company, key) for key in keys], now=company.now)
    company.take_objections()
    return company


def _yes(company: Company, key: str) -> Entry:
    about = (key, "loyalty", None, "email", "marketing", "grant")
    at = company.now - timedelta(days=9)
    return Entry(entry_id("t", key), *about, "t", key, at, at, proof="a form")


def _payload(row: object) -> dict[str, str]:
    return json.loads(row.payload_json)  # type: ignore[attr-defined, no-any-return]


def test_every_row_of_an_email_campaign_carries_the_links_of_its_own_person(
    agreed: Company, running: Running
) -> None:
    _, [delivery] = agreed.run(MAIL)
    assert delivery.added_count > 0
    members = running.tool.members("mail")
    links = [row["preferences_link"] for row in members.values()]
    assert len(set(links)) == len(members) == delivery.added_count
    with agreed.engine.connect() as connection:
        rows = connection.execute(select(plan_rows)).all()
    for row in rows:
        for name in COLUMNS:
            token = _payload(row)[name].rpartition("/")[2]
            assert LINKS.read(token, agreed.as_of).customer_id == row.customer_id


def test_a_list_for_emails_carries_them_and_a_list_for_letters_does_not(agreed: Company) -> None:
    agreed.run(FILES)
    letters = agreed.home / "exports" / "rich" / "machine" / "rich.csv"
    assert "preferences_link" not in letters.read_text()
    agreed.run(LIST)
    head, first, *_ = letters.read_text().splitlines()
    assert head.endswith("preferences_link,unsubscribe_link")
    assert ",https://shop.example/preferences/p/" in first


def test_a_new_month_renews_the_tokens_and_delivers_nothing(
    agreed: Company, running: Running
) -> None:
    agreed.run(MAIL, LIST)
    count = running.tool.request_count
    agreed.as_of += timedelta(days=1)  # the marts stay as they were
    before = LINKS.columns_for("c", agreed.as_of)
    agreed.as_of = agreed.as_of.replace(month=agreed.as_of.month + 1)
    assert LINKS.columns_for("c", agreed.as_of) != before
    plans, deliveries = agreed.run(MAIL)
    assert ([plan.status for plan in plans], deliveries) == (["nothing"], [])
    assert running.tool.request_count == count


@pytest.mark.parametrize("campaign", [MAIL, LIST], ids=["tool", "file"])
@pytest.mark.parametrize("planted", [None, "", "https://shop.example/p/", "not a link"])
def test_a_row_without_its_link_is_not_sent_and_the_delivery_fails(
    agreed: Company,
    running: Running,
    campaign,
    planted: str | None,  # type: ignore[no-untyped-def]
) -> None:
    agreed.plan(campaign)
    with agreed.engine.begin() as connection:
        row = connection.execute(select(plan_rows)).first()
        assert row is not None
        values = _payload(row) | {"unsubscribe_link": planted}
        mine = plan_rows.c.customer_id == row.customer_id
        connection.execute(update(plan_rows).where(mine).values(payload_json=json.dumps(values)))
    [plan_id] = open_plans(agreed.engine)
    with pytest.raises(DeliveryFailed, match=r"1 e-mail rows .* carry no link"):
        apply_plan(agreed.engine, agreed.gate, plan_id, settings=agreed.settings, now=agreed.now)
    assert values["customer_key"] not in str(running.tool.members(campaign.name))
    export = agreed.home / "exports" / "rich" / "machine" / "rich.csv"
    assert not export.exists() or values["customer_key"] not in export.read_text()


def test_whoever_unsubscribes_by_the_link_leaves_at_the_next_delivery(
    agreed: Company, running: Running
) -> None:
    agreed.run(MAIL)
    before = running.tool.members("mail")
    key = min(before)
    token = before[key]["unsubscribe_link"].rpartition("/")[2]
    person = find_person(agreed.engine, LINKS.read(token, agreed.as_of).customer_id)
    assert person is not None
    assert person.customer_keys == [key]
    assert Desk(agreed.engine, agreed.now).stop(person, STOP_EMAIL) > 0
    _, [delivery] = agreed.run(MAIL)
    assert (delivery.removed_count, delivery.added_count) == (1, 0)
    assert set(running.tool.members("mail")) == set(before) - {key}


def test_nobody_is_known_by_an_id_that_was_never_planned(company: Company) -> None:
    assert find_person(company.engine, "c_ffffffffffffffff") is None


def test_a_person_is_known_before_the_delivery_is_acknowledged(agreed: Company) -> None:
    agreed.plan(MAIL)
    with agreed.engine.connect() as connection:
        customer_id = connection.scalar(select(plan_rows.c.customer_id))
    assert customer_id is not None
    assert find_person(agreed.engine, customer_id) is not None


def test_what_left_the_person_since_is_told_apart(agreed: Company) -> None:
    agreed.plan(MAIL)
    with agreed.engine.connect() as connection:
        row = connection.execute(select(plan_rows.c.customer_id, plan_rows.c.request_json)).first()
    assert row is not None
    request = json.loads(row.request_json) | {"address_hashes": ["aa", "bb"]}
    [record] = request["record_keys"]
    mine = plan_rows.c.customer_id == row.customer_id
    with agreed.engine.begin() as connection:
        connection.execute(update(plan_rows).where(mine).values(request_json=json.dumps(request)))
        left = {"customer_id": row.customer_id, "address_hash": "bb", **record}
        connection.execute(insert(departures), left)
    person = find_person(agreed.engine, row.customer_id)
    assert person is not None
    assert (person.record_keys, person.departed_records) == ((), (RecordKey(**record),))
    assert (person.address_hashes, person.departed_hashes) == (("aa",), ("bb",))
