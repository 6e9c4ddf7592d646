"""Win-backs wait for each person's own purchase cycle, through the real models and segments."""

# ruff: noqa: DTZ001 - the warehouse keeps naive UTC

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from activation.campaigns import load_campaigns
from activation.columns import load_columns
from activation.compiler import compile_members
from activation.definitions import OWN_CYCLE, load_segments
from activation.destination import load_destinations
from activation.scenario_files import load_scenarios

ROOT = Path(__file__).parents[3]
MARTS = load_columns(ROOT / "dbt_project" / "models" / "marts")
SEGMENTS = load_segments(ROOT / "activation" / "segments", MARTS)
CAMPAIGNS = load_campaigns(ROOT / "activation" / "campaigns", SEGMENTS, load_destinations())
SCENARIOS = load_scenarios(ROOT / "activation" / "scenarios", SEGMENTS, CAMPAIGNS)
# Everything that counts absence; of these, what is to win people back.
OWN_CLOCK = sorted(name for name, one in SEGMENTS.items() if one.clock == OWN_CYCLE)
WIN_BACKS = {
    name for one in CAMPAIGNS if one.name.startswith("win_back") for name in one.segments
} | {one.segment for one in SCENARIOS if one.name == "miss_you_defectors"}
AS_OF = date(2026, 6, 30)
# What a win-back asks beside absence: as if each person were worth it and the model agreed.
WORTHY = {
    "net_amount": 5000, "purchase_day_count": 12, "has_email": True,
    "email_permission": "confirmed", "email_click_count_90_days": 0,
}  # fmt: skip


def purchases(gap_days: int, count: int, silence: int) -> list[date]:
    last = AS_OF - timedelta(days=silence)
    return [last - timedelta(days=gap_days * n) for n in range(count)]


HISTORIES = {
    "yearly_twice": purchases(365, 2, 182),
    "yearly_often": purchases(365, 5, 182),
    "monthly": purchases(30, 12, 61),
    "monthly_here": purchases(30, 12, 10),
    # Everybody else, whose gaps are what the shop is used to.
    **{f"other_{n}": purchases(20 + 10 * (n % 5), 6, 5) for n in range(12)},
}


@pytest.fixture
def people(warehouse: Any) -> dict[str, str]:
    warehouse.load(
        "customers",
        [{"customer_key": key, "registered_at": datetime(2020, 1, 1)} for key in HISTORIES],
    )
    warehouse.load(
        "orders",
        [
            {
                "order_key": f"{key}-{n}", "customer_key": key, "amount": 20,
                "ordered_at": datetime(day.year, day.month, day.day, 12),
            }
            for key, days in HISTORIES.items()
            for n, day in enumerate(days)
        ],
    )  # fmt: skip
    warehouse.build(AS_OF, test=False)
    found = warehouse.rows("select customer_key, customer_id from core.dim_customers")
    return dict(found)


def test_a_yearly_buyer_is_in_no_win_back_at_six_months_and_a_monthly_one_in_all_at_two(
    warehouse: Any, people: dict[str, str]
) -> None:
    with duckdb.connect(str(warehouse.path)) as con:
        for column, value in WORTHY.items():
            con.execute(f"update marts.customer_360 set {column} = ?", [value])
        for name in OWN_CLOCK:
            query = compile_members(SEGMENTS[name].where, ["customer_id"], as_of=AS_OF)
            members = {row[0] for row in con.execute(query.sql, query.values).fetchall()}
            here = {key for key, customer_id in people.items() if customer_id in members}
            # The break-up, which is no win-back, comes much later for the monthly buyer.
            assert here == ({"monthly"} if name in WIN_BACKS else set()), name


def test_every_win_back_runs_on_the_own_clock() -> None:
    assert {"lapsed_big_spenders", "at_risk_own_rhythm", "miss_you_defectors_due"} <= WIN_BACKS
    assert set(OWN_CLOCK) >= WIN_BACKS
