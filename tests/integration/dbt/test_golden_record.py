"""Systems that disagree about a person: who is believed, and that nothing depends on the order."""

# ruff: noqa: DTZ001 - the warehouse keeps naive UTC

from __future__ import annotations

import random
from datetime import date, datetime
from typing import Any

import duckdb

from identity.cluster import cluster

AS_OF = date(2024, 12, 31)
ANNE = {"email": "anne@b.fr", "has_verified_email": True, "registered_at": datetime(2022, 1, 1)}
RECORDS: list[tuple[str, str, dict[str, Any]]] = [
    (
        "shop",
        "customers",
        ANNE
        | {"customer_key": "1", "first_name": "ANNE", "last_name": "Lee", "phone": "0611111111"}
        | {"known_at": datetime(2022, 1, 1)},
    ),
    (
        "shop",
        "customers",
        ANNE
        | {"customer_key": "1", "first_name": "ANNE", "last_name": "Lee", "phone": "0622222222"}
        | {"known_at": datetime(2023, 1, 1)},
    ),
    (
        "crm",
        "customers",
        ANNE
        | {"customer_key": "7", "first_name": "Anne", "last_name": "Lee-Roux", "country": "FR"}
        | {"address_line": "2 rue Neuve", "postal_code": "75002", "city": "Paris"}
        | {"birth_date": date(1980, 2, 29), "known_at": datetime(2024, 5, 1)},
    ),
    (
        "shop",
        "addresses",
        {"address_key": "a", "customer_key": "1", "address_line": "1 rue Haute", "country": "FR"}
        | {"postal_code": "69001", "city": "Lyon", "is_verified": True}
        | {"known_at": datetime(2022, 6, 1)},
    ),
    (
        "calls",
        "interactions",
        {"interaction_key": "i", "customer_key": "1", "channel": "phone", "kind": "call"}
        | {"direction": "inbound", "phone": "0633333333", "occurred_at": datetime(2024, 9, 1)},
    ),
]
ORDER = {"order_key": "o", "customer_key": "1", "total_amount": 10, "channel": "web"}


def fill(warehouse: Any, seed: int) -> None:
    for system, entity, row in random.Random(seed).sample(RECORDS, len(RECORDS)):  # noqa: S311
        keys = {"customer": "shop"} if system == "calls" else {}
        warehouse.load(entity, [row], system=system, **keys)
    warehouse.load("orders", [ORDER | {"ordered_at": datetime(2024, 2, 1)}])


def build(warehouse: Any) -> None:
    """The way to the golden record, and its checks."""
    warehouse.execute("delete from raw_control.run")
    warehouse.execute("insert into raw_control.run values ('test', ?, now())", [AS_OF])
    warehouse.dbt("run", "--select", "tag:before_identity")
    with duckdb.connect(str(warehouse.path)) as con:
        cluster(con)
    golden = ["+dim_customers", "--exclude", "tag:before_identity"]
    warehouse.dbt("run", "--select", *golden)
    warehouse.dbt("test", "--select", "customer_attributes,test_type:data")


def attributes(warehouse: Any) -> dict[str, tuple[Any, ...]]:
    rows = warehouse.rows(
        "select attribute, value, origin, source_system, verified_by, stated_at, last_verified_at "
        "from core.customer_attributes"
    )
    return {row[0]: row[1:] for row in rows}


def test_each_attribute_of_one_person_says_who_is_believed_and_since_when(warehouse: Any) -> None:
    fill(warehouse, seed=1)
    build(warehouse)
    found = attributes(warehouse)
    ordered_at = datetime(2024, 2, 1)
    # A delivery proved the older address: it outweighs what the CRM was told since, as a whole.
    delivered = ("declared_at_checkout", "shop", "checkout", datetime(2022, 6, 1), ordered_at)
    assert found["address_line"] == ("1 rue Haute", *delivered)
    assert found["postal_code"] == ("69001", *delivered)
    assert found["city"] == ("Lyon", *delivered)
    # Declared in the account outweighs seen on a call; the account's last word since 2023.
    said_at = datetime(2023, 1, 1)
    assert found["phone"] == ("0622222222", "declared", "shop", None, said_at, said_at)
    # Both declared: the last one; a name in capitals takes its better writing.
    said_at = datetime(2024, 5, 1)
    assert found["last_name"] == ("Lee-Roux", "declared", "crm", None, said_at, said_at)
    assert found["first_name"] == ("Anne", "declared", "crm", None, said_at, said_at)
    assert found["registered_at"][1] == "observed"
    person = warehouse.rows(
        "select first_name, city, phone, birth_date, record_count from core.dim_customers"
    )
    assert person == [("Anne", "Lyon", "0622222222", date(1980, 2, 29), 2)]


def test_a_full_rebuild_believes_the_same_whatever_the_order_of_rows(warehouse: Any) -> None:
    tables = ("core.customer_attributes", "core.dim_customers")
    fill(warehouse, seed=2)
    build(warehouse)
    first = {table: warehouse.rows(f"from {table} order by all") for table in tables}
    for entity in ("customers", "addresses", "orders", "interactions"):
        warehouse.execute(f"delete from raw_files.{entity}")
    fill(warehouse, seed=3)
    build(warehouse)
    assert {table: warehouse.rows(f"from {table} order by all") for table in tables} == first
