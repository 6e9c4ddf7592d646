"""A merge is undone by a decision that outlives every run; whatever knew the person follows."""

# ruff: noqa: DTZ001 - the warehouse keeps naive UTC

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Any

import duckdb

from identity.cluster import cluster
from identity.explain import explain_two
from identity.overrides import Decision
from identity.who import find

AS_OF = date(2024, 12, 31)
HOME = {"address_line": "3 rue de la Paix", "postal_code": "75002", "last_name": "Petit"}
CUSTOMERS = [
    ("shop", "1", {"email": "petit@b.fr", "first_name": "Jean", "has_verified_email": True}),
    ("crm", "7", {"email": "petit@b.fr", "first_name": "Jean"}),
    # A family: never one person, always one household.
    ("shop", "2", {"email": "petit@b.fr", "first_name": "Zoé"}),
    ("crm", "8", {"email": "elsewhere@b.fr", "first_name": "Luc"}),
]


def id_of(record: str) -> str:
    return "c_" + hashlib.sha256(record.encode()).hexdigest()[:16]


def fill(warehouse: Any) -> None:
    for day, (system, key, row) in enumerate(CUSTOMERS, start=1):
        registered = {"customer_key": key, "registered_at": datetime(2024, 1, day)}
        warehouse.load("customers", [registered | HOME | row], system=system)
        order = {"order_key": key, "customer_key": key, "ordered_at": datetime(2024, 6, 1)}
        warehouse.load("orders", [order | {"total_amount": 10}], system=system)


def state(warehouse: Any) -> dict[str, Any]:
    """Who holds which record, who every id leads to, and what each person bought."""
    return {
        "people": dict(
            warehouse.rows("select record_id, customer_id from intermediate.int_identity__resolved")
        ),
        "history": dict(
            warehouse.rows(
                "select customer_id_published, customer_id_current from core.customer_id_history"
            )
        ),
        "bought": dict(
            warehouse.rows("select customer_id, net_amount::int from marts.customer_360")
        ),
        "homes": dict(
            warehouse.rows(
                "select customer_id, household_id from intermediate.int_households__grouped"
            )
        ),
    }


def test_an_unmerge_stays_through_five_runs_and_its_withdrawal_gives_the_old_world_back(
    warehouse: Any,
) -> None:
    fill(warehouse)
    warehouse.build(AS_OF)
    merged = state(warehouse)
    jean, other = id_of("shop|1"), id_of("crm|7")
    assert merged["people"]["crm|7"] == jean
    assert merged["history"][other] == jean
    assert merged["bought"][jean] == 20
    assert len(set(merged["people"].values())) == 3
    # One home, three people; and one of another first name in it.
    assert len(set(merged["homes"].values())) == 1
    assert len(merged["homes"]) == 3

    apart = Decision("never_same", "crm|7", "shop|1", "Anne", AS_OF, "Father and son")
    warehouse.build(AS_OF, decisions=[apart], test=False)
    split = state(warehouse)
    assert split["people"]["shop|1"] == jean
    assert split["people"]["crm|7"] == other
    assert split["history"][other] == other
    assert (split["bought"][jean], split["bought"][other]) == (10, 10)
    assert {k: v for k, v in split["people"].items() if k not in ("shop|1", "crm|7")} == {
        k: v for k, v in merged["people"].items() if k not in ("shop|1", "crm|7")
    }
    with duckdb.connect(str(warehouse.path)) as con:
        told = explain_two(con, find(con, jean), find(con, other), [apart], "en")
        assert "Anne decided on 2024-12-31" in told[1]
        clusters = "from intermediate.identity_clusters order by all"
        kept = con.execute(clusters).fetchall()
        for _ in range(5):
            con.execute("drop table intermediate.identity_fingerprints")
            cluster(con, [apart])
            assert con.execute(clusters).fetchall() == kept
        cluster(con)
    warehouse.dbt("run", "--select", "int_identity__resolved")
    assert state(warehouse)["people"] == merged["people"]
