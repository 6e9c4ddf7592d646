"""The mart core.consent_current and the gate give the same answer about everybody.

The models run once; then random ledgers are copied into the warehouse, and the mart's compiled
query is compared with the gate's decisions, row by row.
"""

# ruff: noqa: DTZ001 - the warehouse keeps naive UTC

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy import Engine, create_engine, delete
from sqlalchemy.pool import StaticPool

from activation.people import Asked, load_requests
from contract.gate import Allowed
from contract.normalisation import address_hash
from governance.address_table import write_address_hashes
from governance.gate import LedgerGate
from governance.ledger import ACTS, Entry, append, entry_id, mark_taken
from governance.mirror import copy_entries
from governance.rules import load_rules
from governance.tables import consent_entries, metadata
from identity.cluster import cluster

AS_OF = date(2026, 9, 1)
END_OF_DAY = datetime(2026, 9, 2)
KEY = b"k" * 32
LEDGERS = 15
MODEL = Path("compiled/habitue/models/core/consent_current.sql")
# What the gate's requests read of the mart of people, without the models of everything else there.
PERSON_COLUMNS = """
create schema if not exists marts;
create view marts.customer_360 as
select customers.*, coalesce(ordered.order_count, 0) as order_count
from core.dim_customers as customers
left join intermediate.int_customers__ordered as ordered using (customer_id)
"""
PEOPLE: list[tuple[str, dict[str, Any]]] = [
    ("shop", {"customer_key": "1", "email": "anne@b.fr", "country": "FR"}),
    ("crm", {"customer_key": "7", "email": "anne@b.fr", "country": "FR"}),
    ("shop", {"customer_key": "2", "email": "bo@b.us", "country": "US", "phone": "0611111111"}),
    ("shop", {"customer_key": "3", "email": "cy@b.be", "country": "BE", "is_professional": True}),
    ("shop", {"customer_key": "4", "address_line": "1 rue Haute", "city": "Lyon"}),
    ("crm", {"customer_key": "8"}),
]
ADDRESSES = [
    ("email", "ANNE@b.fr"),
    ("email", "bo@b.us"),
    ("phone", "+33611111111"),
    ("post", "1, Rue haute  LYON"),
]


@pytest.fixture
def built(warehouse: Any) -> Any:
    """Six records of five people, two of whom bought; the mart built."""
    for system, row in PEOPLE:
        verified = {"has_verified_email": True, "registered_at": datetime(2025, 1, 1)}
        warehouse.load("customers", [row | verified], system=system)
    orders = [
        {"order_key": f"o{key}", "customer_key": key, "total_amount": 10, "channel": "web"}
        | {"ordered_at": datetime(2026, 6, 1), "status": status}
        for key, status in (("1", "completed"), ("3", "cancelled"), ("4", "completed"))
    ]
    warehouse.load("orders", orders, system="shop")
    warehouse.execute("insert into raw_control.run values ('test', ?, ?)", [AS_OF, END_OF_DAY])
    warehouse.dbt("run", "--select", "tag:before_identity")
    with duckdb.connect(str(warehouse.path)) as con:
        cluster(con)
    warehouse.dbt("run", "--select", "+consent_current", "--exclude", "tag:before_identity")
    with duckdb.connect(str(warehouse.path)) as con:
        con.execute(PERSON_COLUMNS)
        assert write_address_hashes(con, KEY) > len(ADDRESSES)
    return warehouse


def random_ledger(seed: int, engine: Engine) -> None:
    chance = random.Random(seed)  # noqa: S311 - a made-up ledger
    entries = []
    for number in range(chance.randint(0, 40)):
        by_address = chance.random() < 0.3
        system, row = chance.choice(PEOPLE)
        kind, address = chance.choice(ADDRESSES)
        day = END_OF_DAY + timedelta(days=chance.randint(-9, 1))  # one tie in ten, one to come
        entries.append(
            Entry(
                entry_id("t", f"{seed}|{number}"),
                None if by_address else row["customer_key"],
                None if by_address or chance.random() < 0.1 else system,
                address_hash(kind, address, KEY) if by_address else None,
                chance.choice(["email", "sms", "phone", "post", "ads", "all"]),
                chance.choice(["marketing", "marketing", "profiling", "open_tracking",
                               "sale_or_sharing", "email_open_tracking", "all"]),
                chance.choice(ACTS), "t", f"{seed}|{number}", day, day,
            )
        )  # fmt: skip
    with engine.begin() as connection:
        connection.execute(delete(consent_entries))
    append(engine, entries, now=END_OF_DAY)
    mark_taken(engine, "t", now=END_OF_DAY)


def answers_of_the_gate(con: duckdb.DuckDBPyConnection, engine: Engine) -> set[tuple[Any, ...]]:
    rules = load_rules()
    pairs = {(row["channel"], row["purpose"]) for row in rules.rule_rows()}
    people = [
        one for (one,) in con.execute("select customer_id from core.dim_customers").fetchall()
    ]
    batch = [
        request
        for channel, purpose in sorted(pairs)
        for request in load_requests(con, people, Asked((), channel, purpose, (), KEY)).values()
    ]
    assert len(batch) == len(people) * len(pairs)
    return {
        (one.request.customer_id, one.request.channel, one.request.purpose, "allowed", one.basis,
         None, one.entry_id)
        if isinstance(one, Allowed)
        else (one.request.customer_id, one.request.channel, one.request.purpose, "denied", None,
              one.reason, one.entry_id)
        for one in LedgerGate(engine, rules).decide(batch, END_OF_DAY)
    }  # fmt: skip


def test_the_mart_says_what_the_gate_decides(built: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    metadata.create_all(engine)
    query = (built.path.parent / "target" / MODEL).read_text()
    seen: set[Any] = set()
    for seed in range(LEDGERS):
        random_ledger(seed, engine)
        with duckdb.connect(str(built.path)) as con:
            copy_entries(engine, con)
            rows = con.execute(
                "select customer_id, channel, purpose, state, basis, reason, entry_id "
                f"from ({query})"
            ).fetchall()
            assert set(rows) == answers_of_the_gate(con, engine), f"seed {seed}"
        seen |= {basis or reason for *_, basis, reason, _ in rows}
    bases = {"consent", "soft_opt_in", "legitimate_interest", "opt_out"}
    assert bases | {"objected", "withdrawn", "refused", "no_basis"} <= seen
