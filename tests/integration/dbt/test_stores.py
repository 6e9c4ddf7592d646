"""Where no order carries a store, the number of stores is unknown, never zero."""

# ruff: noqa: DTZ001 - the warehouse keeps naive UTC

from __future__ import annotations

from datetime import date, datetime
from typing import Any


def test_who_has_no_order_with_a_store_has_no_number_of_stores(warehouse: Any) -> None:
    at = datetime(2024, 6, 1, 12)
    order = {"total_amount": 50, "ordered_at": at}
    warehouse.load(
        "customers", [{"customer_key": key, "known_at": at} for key in ("shop", "web", "never")]
    )
    warehouse.load(
        "orders",
        [
            order | {"order_key": "1", "customer_key": "shop", "store_key": "s1"},
            order | {"order_key": "2", "customer_key": "web"},
        ],
    )
    warehouse.build(date(2024, 6, 30), test=False)
    found = warehouse.rows("select customer_key, store_count from marts.customer_360")
    assert dict(found) == {"shop": 1, "web": None, "never": None}
