"""A run with more data leaves what a run from nothing would: nothing lost, nothing doubled."""

# ruff: noqa: DTZ001 - the warehouse keeps naive UTC

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any

INCREMENTAL = [
    "core.fct_order_lines",
    "core.fct_promotions",
    "intermediate.int_customers__snapshotted",
    "intermediate.int_rfm__cut",
    "marts.rfm_history",
    "marts.pmg_history",
]
DAY = timedelta(days=1)


def lines(seed: int, first: date, last: date, orders: int, prefix: str) -> list[dict[str, Any]]:
    rng = random.Random(seed)  # noqa: S311
    days = (last - first).days
    made = []
    for order in range(orders):
        when = datetime(first.year, first.month, first.day, 9) + rng.randint(0, days) * DAY
        customer = rng.choice(["1", "2", "3", "4", "5", None])
        for number in range(1, rng.randint(2, 4)):
            made.append(
                {
                    "order_key": f"{prefix}{order}",
                    "line_number": number,
                    "customer_key": customer,
                    "product_key": rng.choice(["p", "q", "unknown"]),
                    "line_kind": "sale",
                    "net_amount": rng.randint(1, 5000) / 100,
                    "ordered_at": when,
                }
            )
    return made


def first_delivery(warehouse: Any) -> None:
    registered = datetime(2024, 1, 1)
    warehouse.load(
        "customers",
        [
            {"customer_key": k, "email": f"{k}@x.fr", "has_verified_email": True}
            | {"registered_at": registered}
            for k in "12345"
        ],
    )
    warehouse.load("products", [{"product_key": "p", "category": "SOUP"}, {"product_key": "q"}])
    warehouse.load("order_lines", lines(1, date(2024, 1, 3), date(2024, 5, 30), 60, "a"))
    warehouse.load("promotions", [promotion(week) for week in range(1, 20)])


def promotion(week: int) -> dict[str, Any]:
    return {
        "product_key": "p", "store_key": "s", "week_number": week, "display_location": "0",
        "mailer_location": "A",
    }  # fmt: skip


def contents(warehouse: Any) -> dict[str, list[tuple[Any, ...]]]:
    return {table: warehouse.rows(f"from {table} order by all") for table in INCREMENTAL}


def assert_equals_full(warehouse: Any, as_of: date) -> None:
    incremental = contents(warehouse)
    warehouse.build(as_of, "--full-refresh", test=False)
    full = contents(warehouse)
    for table in INCREMENTAL:
        one, other = set(incremental[table]), set(full[table])
        assert (len(incremental[table]), one - other, other - one) == (
            len(full[table]), set(), set(),
        ), table  # fmt: skip


def test_late_rows_merges_headers_and_products_reach_what_they_touch(warehouse: Any) -> None:
    first_delivery(warehouse)
    warehouse.build(date(2024, 6, 10), test=False)

    later = datetime(2025, 1, 2)
    warehouse.load(
        "order_lines", lines(2, date(2024, 6, 1), date(2024, 7, 9), 20, "b"), loaded_at=later
    )
    # Late: three orders of March arrive in July.
    warehouse.load(
        "order_lines", lines(3, date(2024, 3, 1), date(2024, 3, 9), 3, "c"), loaded_at=later
    )
    warehouse.load("promotions", [promotion(week) for week in range(20, 24)], loaded_at=later)
    # Headers after the lines: one order was cancelled, another was bought by a guest.
    warehouse.load(
        "orders",
        [
            {"order_key": "a1", "status": "cancelled", "ordered_at": datetime(2024, 2, 1)},
            {"order_key": "a2", "email": "new@x.fr", "ordered_at": datetime(2024, 2, 1)},
        ],
        loaded_at=later,
    )
    # The catalogue names a product and moves another; records 1 and 2 turn out to be one person.
    moved = {"known_at": later}
    warehouse.load("products", [{"product_key": "unknown", "category": "TEA"}], loaded_at=later)
    warehouse.load("products", [{"product_key": "p", "category": "STEW"} | moved], loaded_at=later)
    warehouse.load(
        "customers",
        [{"customer_key": "2", "email": "1@x.fr", "registered_at": datetime(2024, 1, 1)} | moved],
        loaded_at=later,
    )
    # Record 5 was a test; a cost becomes known, money goes back, a line never was.
    warehouse.load(
        "customers",
        [{"customer_key": "5", "is_test": True, "registered_at": datetime(2024, 1, 1)} | moved],
        loaded_at=later,
    )
    warehouse.load(
        "product_prices",
        [{"product_key": "q", "valid_from_on": date(2024, 3, 1), "cost_amount": 2}],
        loaded_at=later,
    )
    warehouse.load(
        "refunds",
        [
            {"refund_key": "r", "order_key": "a3", "product_key": "q", "refund_kind": "return"}
            | {"quantity": 1, "amount": 3, "refunded_at": datetime(2024, 7, 1)}
        ],
        loaded_at=later,
    )
    first_line = lines(1, date(2024, 1, 3), date(2024, 5, 30), 60, "a")[0]
    warehouse.load(
        "order_lines", [first_line | {"is_deleted": True, "known_at": later}], loaded_at=later
    )
    warehouse.build(date(2024, 7, 10))
    assert (
        warehouse.value("select count(*) from core.fct_order_lines where order_id = 'shop|a1'") == 0
    )
    assert warehouse.value("select count(distinct customer_id) from core.fct_order_lines") == 3
    gone = "order_line_id = 'shop|a0|1' or record_id = 'shop|5'"
    assert warehouse.value(f"select count(*) from core.fct_order_lines where {gone}") == 0
    assert_equals_full(warehouse, date(2024, 7, 10))


def test_one_more_month_leaves_the_past_alone(warehouse: Any) -> None:
    first_delivery(warehouse)
    warehouse.build(date(2024, 6, 10), test=False)
    # A mark that any remaking of the past would wipe.
    warehouse.execute("update core.fct_order_lines set channel = 'mark'")
    warehouse.execute("update marts.rfm_history set rfm_group_label_en = 'mark'")
    warehouse.execute("update marts.pmg_history set currency = 'mark'")
    warehouse.execute(
        "update intermediate.int_customers__snapshotted set gap_count = -1 "
        "where snapshot_on < date '2024-06-01'"
    )

    later = datetime(2025, 1, 2)
    month = lines(2, date(2024, 6, 11), date(2024, 7, 9), 20, "b")
    warehouse.load("order_lines", month, loaded_at=later)
    warehouse.build(date(2024, 7, 10), test=False)

    marked = "count(*) filter (where {} = 'mark'), count(*) filter (where {} <> 'mark')"
    assert warehouse.rows(
        f"select {marked.format('channel', 'channel')} from core.fct_order_lines"
    ) == [(len(lines(1, date(2024, 1, 3), date(2024, 5, 30), 60, "a")), len(month))]
    for table, column in (("rfm_history", "rfm_group_label_en"), ("pmg_history", "currency")):
        assert warehouse.rows(
            f"select max(month_end_on) filter (where {column} = 'mark'), "
            f"min(month_end_on) filter (where {column} <> 'mark') from marts.{table}"
        ) == [(date(2024, 5, 31), date(2024, 6, 30))]
    assert warehouse.value(
        "select max(snapshot_on) from intermediate.int_customers__snapshotted where gap_count = -1"
    ) == date(2024, 5, 31)


def test_a_second_run_with_nothing_new_changes_no_table(warehouse: Any) -> None:
    first_delivery(warehouse)
    warehouse.build(date(2024, 6, 10), test=False)
    tables = warehouse.rows("""
        select table_schema || '.' || table_name from information_schema.tables
        where table_schema in ('intermediate', 'core', 'marts')""")
    before = {table: warehouse.rows(f"from {table} order by all") for (table,) in tables}
    warehouse.build(date(2024, 6, 10), test=False)
    changed = [t for t in before if warehouse.rows(f"from {t} order by all") != before[t]]
    assert changed == []
