"""Records of several systems become people: guests, merges, blocked values, stable ids."""

# ruff: noqa: DTZ001 - the warehouse keeps naive UTC

from __future__ import annotations

import hashlib
import random
from datetime import date, datetime
from typing import Any

AS_OF = date(2024, 12, 31)
CUSTOMERS = [
    ("shop", {"customer_key": "1", "email": "Anne@B.fr", "registered_at": datetime(2024, 2, 1)}),
    (
        "crm",
        {
            "customer_key": "7",
            "email": " anne@b.fr",
            "has_verified_email": True,
            "registered_at": datetime(2023, 5, 1),
        },
    ),
    (
        "shop",
        {"customer_key": "2", "email": "test@test.com", "registered_at": datetime(2024, 1, 1)},
    ),
    ("crm", {"customer_key": "8", "email": "test@test.com", "registered_at": datetime(2024, 1, 1)}),
    ("shop", {"customer_key": "3", "phone": "0612345678", "registered_at": datetime(2024, 1, 1)}),
    ("crm", {"customer_key": "9", "phone": "0612345678", "registered_at": datetime(2024, 1, 1)}),
]
ORDERS = [
    {
        "order_key": "o1",
        "customer_key": "1",
        "total_amount": 10,
        "ordered_at": datetime(2024, 6, 1),
    },
    {
        "order_key": "o2",
        "email": "ANNE@b.fr",
        "total_amount": 20,
        "ordered_at": datetime(2024, 7, 1),
    },
    {
        "order_key": "o3",
        "email": "guest@x.org",
        "total_amount": 5,
        "ordered_at": datetime(2024, 7, 2),
    },
    {
        "order_key": "o4",
        "email": "Guest@X.org",
        "total_amount": 6,
        "ordered_at": datetime(2024, 8, 2),
    },
    {"order_key": "o5", "total_amount": 7, "ordered_at": datetime(2024, 8, 3)},
]


def id_of(record: str) -> str:
    return "c_" + hashlib.sha256(record.encode()).hexdigest()[:16]


def fill(warehouse: Any, seed: int) -> None:
    shuffled = random.Random(seed).sample(CUSTOMERS, len(CUSTOMERS))  # noqa: S311
    for system, row in shuffled:
        warehouse.load("customers", [row], system=system)
    warehouse.load("orders", random.Random(seed).sample(ORDERS, len(ORDERS)))  # noqa: S311


def test_an_address_joins_records_and_guests_and_the_first_seen_founds(warehouse: Any) -> None:
    fill(warehouse, seed=1)
    warehouse.build(AS_OF)
    anne = id_of("crm|7")  # registered before the shop knew her
    guest = id_of("shop|guest:" + hashlib.sha256(b"guest@x.org").hexdigest()[:16])
    assert dict(warehouse.rows("select order_id, customer_id from core.fct_orders")) == {
        "shop|o1": anne,
        "shop|o2": anne,
        "shop|o3": guest,
        "shop|o4": guest,
        "shop|o5": None,
    }
    people = warehouse.rows(
        "select customer_id, relation, record_count from core.dim_customers order by record_count"
    )
    # A blocked address and a shared telephone join nobody.
    alone = {id_of(r) for r in ("shop|2", "crm|8", "shop|3", "crm|9")}
    assert {row[0] for row in people} == {anne, guest} | alone
    assert (anne, "buyer", 3) in people
    assert (guest, "buyer", 1) in people
    assert {row[1] for row in people if row[0] in alone} == {"account"}
    unmatched = "select customer_id from marts.customer_360 where first_ordered_on is null"
    assert {row[0] for row in warehouse.rows(unmatched)} == alone
    assert (
        warehouse.value(
            f"select net_amount from marts.customer_360 where has_email and customer_id = '{anne}'"
        )
        == 30
    )

    # Every id that was ever published leads to the person of today.
    history = "select customer_id_published, customer_id_current from core.customer_id_history"
    assert dict(warehouse.rows(history))[id_of("shop|1")] == anne

    before = warehouse.rows(
        "select record_id, customer_id from intermediate.int_identity__resolved"
    )
    for table in ("customers", "orders"):
        warehouse.execute(f"delete from raw_files.{table}")
    fill(warehouse, seed=2)
    warehouse.build(AS_OF, "--full-refresh", test=False)
    after = warehouse.rows("select record_id, customer_id from intermediate.int_identity__resolved")
    assert sorted(after) == sorted(before)


def test_missing_is_not_zero(warehouse: Any) -> None:
    june = {"total_amount": 9, "ordered_at": datetime(2024, 6, 1)}
    warehouse.load(
        "customers", [{"customer_key": k, "registered_at": datetime(2024, 1, 1)} for k in "ab"]
    )
    warehouse.load(
        "orders",
        [
            {"order_key": "1", "customer_key": "a"} | june,
            {"order_key": "2", "customer_key": "b", "status": "cancelled"} | june,
        ],
        loaded_at=datetime(2024, 12, 30),
    )
    warehouse.build(AS_OF)
    shown = {
        key: values
        for key, *values in warehouse.rows("""
            select customer_key, relation, order_count, net_amount::double, days_since_last_order,
                rfm_group is null, pmg_class is null, lifecycle_stage,
                order_line_count, discount_amount, redemption_count, campaign_contact_count,
                product_view_count, category_count
            from marts.customer_360""")
    }
    unconnected = [None] * 6
    assert shown["a"] == ["buyer", 1, 9.0, 213, False, False, "lapsed", *unconnected]
    assert shown["b"] == ["account", 0, 0.0, None, True, True, "prospect", *unconnected]
    # Fresh is what the oldest of the connected sources is.
    assert warehouse.rows("select distinct data_as_of from marts.customer_360") == [
        (datetime(2024, 12, 30),)
    ]
