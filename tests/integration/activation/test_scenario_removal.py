"""The break-up mail to its end: asked, no answer, taken off by the ledger, denied by the gate."""

# ruff: noqa: DTZ001 - the state database keeps naive UTC

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from activation.columns import load_columns
from activation.people import Asked, load_requests
from activation.tables import deliveries, scenario_steps
from contract import crash_points
from contract.gate import Allowed
from contract.normalisation import address_hash
from governance.address_table import write_address_hashes
from governance.gate import LedgerGate
from governance.ledger import Entry, append, entry_id, mark_taken
from governance.rules import load_rules
from governance.tables import consent_entries
from orchestration.assets.scenarios import move
from orchestration.delivering import read_playbook
from orchestration.house import House
from orchestration.settings import PROJECT_ROOT, Settings, read_pseudonym_key

MARTS = load_columns(PROJECT_ROOT / "dbt_project" / "models" / "marts")
TYPES = {"text": "varchar", "number": "double", "boolean": "boolean", "date": "date",
         "timestamp": "timestamp"}  # fmt: skip
ENTERED = date(2026, 3, 1)
GONE = {
    "has_email": True, "email_permission": "confirmed", "email_click_count_90_days": 0,
    "lifecycle_stage": "lost", "relation": "buyer", "country": "FR", "order_count": 3,
}  # fmt: skip
PEOPLE = ("silent", "opener", "clicker", "machine", "buyer", "twice")


def house(home: Path, day: date) -> House:
    settings = Settings.model_validate({"home": home, "as_of": day, "pseudonym_key": "k" * 32})
    return House(settings, f"run-{day}", datetime(2026, 1, 1))


def fill(con: Any) -> None:
    for schema in ("marts", "core", "intermediate", "raw_control"):
        con.execute(f"create schema if not exists {schema}")
    for mart in MARTS:
        typed = ", ".join(f'"{one.name}" {TYPES[one.kind]}' for one in MARTS[mart].values())
        con.execute(f"create table marts.{mart} ({typed})")
    con.execute(
        "create table intermediate.int_contacts__initiated (customer_id varchar, kind varchar,"
        " channel varchar, link_url varchar, occurred_at timestamp);"
        "create table core.fct_consents (customer_id varchar, act varchar, channel varchar,"
        " purpose varchar, occurred_at timestamp);"
        "create table core.customer_id_history (customer_id_published varchar,"
        " customer_id_current varchar);"
        "create table raw_control.sources (entity varchar, is_connected boolean,"
        " last_checked_at timestamp);"
        "create table intermediate.int_identity__resolved (record_id varchar,"
        " source_system varchar, customer_key varchar, customer_id varchar);"
        "create table intermediate.int_customers__versioned (source_system varchar,"
        " customer_key varchar, email varchar, phone varchar, address_line varchar,"
        " postal_code varchar, city varchar, country varchar)"
    )
    for who in PEOPLE:
        row = GONE | {"customer_id": who}
        names, marks = ", ".join(row), ", ".join("?" for _ in row)
        con.execute(f"insert into marts.customer_360 ({names}) values ({marks})", [*row.values()])
        for number in range(1 + (who == "twice")):
            key = f"{who}-{number}"
            con.execute(
                "insert into intermediate.int_identity__resolved values (?, 'shop', ?, ?)",
                [f"shop|{key}", key, who],
            )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Everybody said yes long ago and entered on the first day; the question was delivered."""
    today = house(tmp_path, ENTERED)
    with today.warehouse.connect() as con:
        fill(con)
    said = datetime(2024, 1, 1)
    with today.state() as engine:
        entries = [
            Entry(
                entry_id("test", f"{who}-{number}"), f"{who}-{number}", "shop", None, "email",
                "marketing", "double_opt_in_confirmed", "test", f"{who}-{number}", said, said,
            )
            for who in PEOPLE
            for number in range(1 + (who == "twice"))
        ]  # fmt: skip
        append(engine, entries, now=said)
        counts, _ = move(today, read_playbook(today.settings))
        assert counts["due"] >= len(PEOPLE)
        asked_at = datetime(2026, 3, 1, 23, 59, 59)
        rows = [
            {
                "campaign": "rupture_email", "destination": "email_tool", "customer_id": who,
                "segment": "in_scenario__rupture", "channel": "email", "is_present": True,
                "is_contact": True, "effect_count": 1, "payload_digest": "", "payload_json": "{}",
                "request_json": "{}", "contacted_on": ENTERED, "acknowledged_at": asked_at,
            }
            for who in PEOPLE
        ]  # fmt: skip
        with engine.begin() as connection:
            connection.execute(insert(deliveries), rows)
    answered = asked_at + timedelta(days=5)
    with today.warehouse.connect() as con:
        # What the whitelist lets through; the opens of "opener" and "machine" are no contact.
        for who, kind, link in [
            ("clicker", "click", "https://shop.example/stay?t=1"),
            ("opener", "click", "https://shop.example/offer"),
            ("buyer", "order", None),
        ]:
            con.execute(
                "insert into intermediate.int_contacts__initiated values (?, ?, 'email', ?, ?)",
                [who, kind, link, answered],
            )
    return tmp_path


def run(home: Path, day: date) -> dict[str, str]:
    """One day's scenarios; where everybody stands in the break-up."""
    today = house(home, day)
    _, rows = move(today, read_playbook(today.settings))
    return {row[1]: row[3] for row in rows if row[0] == "rupture"}


def allowed(home: Path, day: date) -> set[str]:
    today = house(home, day)
    asked = Asked((), "email", "marketing", (), read_pseudonym_key(today.settings))
    with today.state() as engine, today.warehouse.connect() as con:
        mark_taken(engine, "test", now=today.clock)
        requests = load_requests(con, PEOPLE, asked)
        gate = LedgerGate(engine, load_rules())
        decisions = gate.decide(list(requests.values()), today.clock)
        return {one.request.customer_id for one in decisions if isinstance(one, Allowed)}


def test_only_an_act_of_theirs_keeps_people_after_the_deadline(home: Path) -> None:
    early = run(home, ENTERED + timedelta(days=20))
    assert set(early.values()) == {"asked", "accepted"}
    assert allowed(home, ENTERED + timedelta(days=20)) == set(PEOPLE)
    late = ENTERED + timedelta(days=40)
    assert run(home, late) == {
        "clicker": "accepted", "buyer": "accepted",
        "silent": "removed", "opener": "removed", "machine": "removed", "twice": "removed",
    }  # fmt: skip
    assert allowed(home, late) == {"clicker", "buyer"}


def test_what_was_sent_today_is_a_step_of_tomorrow(home: Path) -> None:
    again = run(home, ENTERED)
    assert set(again.values()) == {"due"}
    assert run(home, ENTERED) == again
    assert run(home, ENTERED + timedelta(days=1))["silent"] == "asked"


def test_a_run_killed_between_the_ledger_and_the_state_is_finished_by_the_next(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    late, said = ENTERED + timedelta(days=40), list[str]()

    def killed(_name: str) -> None:
        with house(home, late).state() as engine, engine.connect() as connection:
            expired = select(consent_entries.c.source).where(consent_entries.c.act == "expire")
            said.extend(connection.scalars(expired))
        if said:  # the ledger has it, the state not yet
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("orchestration.assets.scenarios.reach", killed)
        with pytest.raises(KeyboardInterrupt):
            run(home, late)
    once = run(home, late)
    assert run(home, late) == once
    with house(home, late).state() as engine, engine.connect() as connection:
        expired = select(consent_entries.c.source_key).where(consent_entries.c.act == "expire")
        keys = list(connection.scalars(expired))
        steps = connection.execute(select(scenario_steps.c.customer_id, scenario_steps.c.state))
        removed = [one for one, state in steps if state == "removed"]
    assert len(keys) == len(set(keys)) == 5  # one per record: "twice" has two
    assert sorted(removed) == ["machine", "opener", "silent", "twice"]
    assert "scenarios.expired" in crash_points.CRASH_POINTS


def test_the_end_of_one_persons_yes_is_not_the_end_of_whoever_shares_an_address(
    home: Path,
) -> None:
    late = ENTERED + timedelta(days=40)
    today = house(home, late)
    key = read_pseudonym_key(today.settings)
    with today.warehouse.connect() as con:
        con.execute(
            "insert into intermediate.int_customers__versioned values"
            " ('shop', 'silent-0', 'family@b.fr', '+33612345678', null, null, null, 'FR'),"
            " ('shop', 'clicker-0', 'family@b.fr', null, null, null, null, 'FR')"
        )
        write_address_hashes(con, key)
    run(home, late)
    with today.state() as engine, engine.connect() as connection:
        expired = select(consent_entries.c.address_hash).where(consent_entries.c.act == "expire")
        digests = set(connection.scalars(expired)) - {None}
    assert digests == {address_hash("phone", "+33612345678", key)}
    assert allowed(home, late) == {"clicker", "buyer"}
