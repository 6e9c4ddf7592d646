"""The customers of tests/fixtures/twelve_customers.yml, worked out by hand, through the models."""

# ruff: noqa: DTZ001 - the warehouse keeps naive UTC

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
import yaml

FIXTURE = Path(__file__).parents[2] / "fixtures" / "twelve_customers.yml"
TWELVE: dict[str, Any] = yaml.safe_load(FIXTURE.read_text(encoding="utf-8"))
EXPECTED = {key: customer["expect"] for key, customer in TWELVE["customers"].items()}
TOTAL = 2930


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12))


def orders() -> list[dict[str, Any]]:
    return [
        {"order_key": f"{key}-{n}", "customer_key": key, "amount": amount, "ordered_at": noon(day)}
        for key, customer in TWELVE["customers"].items()
        for n, (day, amount) in enumerate(customer["orders"], start=1)
    ]


@pytest.fixture(params=["lines", "headers only"])
def twelve(request: pytest.FixtureRequest, warehouse: Any) -> Any:
    """The same company once with order lines, once with order headers and nothing else."""
    registered = datetime(2023, 1, 1)
    warehouse.load(
        "customers", [{"customer_key": key, "registered_at": registered} for key in EXPECTED]
    )
    if request.param == "lines":
        lines = [
            order
            | {"line_number": 1, "net_amount": order["amount"]}
            | {"line_kind": "sale" if order["amount"] > 0 else "return"}
            for order in orders()
        ]
        warehouse.load("order_lines", lines)
    else:
        warehouse.load("orders", [order | {"total_amount": order["amount"]} for order in orders()])
    warehouse.build(TWELVE["as_of"])
    return warehouse


def test_rfm_and_pmg_are_those_worked_out_by_hand(twelve: Any) -> None:
    found = {
        key: dict(zip(("days", "orders", "amount", "rfm", "group", "pmg"), values, strict=True))
        for key, *values in twelve.rows("""
            select customer_key, rfm.days_since_last_order, rfm.order_count,
                rfm.net_amount::double, rfm.rfm_score, rfm.rfm_group, pmg.pmg_class
            from core.dim_customers
            inner join marts.rfm using (customer_id)
            inner join marts.pmg using (customer_id)
        """)
    }
    hand = {k: {n: v for n, v in e.items() if n != "ahead_and_self"} for k, e in EXPECTED.items()}
    assert found == hand

    shares = dict(
        twelve.rows("""select customer_key, cumulative_share from core.dim_customers
            inner join marts.pmg using (customer_id)""")
    )
    by_hand = {k: pytest.approx(e["ahead_and_self"] / TOTAL) for k, e in EXPECTED.items()}
    assert shares == by_hand

    cuts = {
        axis: [float(bound) for bound in bounds]
        for axis, bounds in twelve.rows("""
            select axis, list(upper_bound order by upper_bound) from marts.rfm_cuts
            where as_of_date = date '2024-12-31' and upper_bound is not null group by axis""")
    }
    assert cuts == {axis: [float(v) for v in bounds] for axis, bounds in TWELVE["cuts"].items()}

    # The run's day is a month end: history of that month says the same, and no month is missing.
    assert (
        twelve.rows("""
        select customer_id, rfm_score, rfm_group from marts.rfm
        except
        select customer_id, rfm_score, rfm_group from marts.rfm_history
        where month_end_on = date '2024-12-31'""")
        == []
    )
    assert twelve.value("select count(distinct month_end_on) from marts.rfm_history") == 19
    assert twelve.value("select count(distinct month_end_on) from marts.pmg_history") == 19
    assert dict(twelve.rows("select pmg_class, customer_count from marts.pmg_classes")) == {
        "gros": 2,
        "moyen": 3,
        "petit": 7,
    }
