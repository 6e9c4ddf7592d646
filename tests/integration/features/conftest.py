"""A small warehouse with late and early facts, and the feature models run on it.

The models' own text is rendered here with the project's macros, so that a property can be tried on
hundreds of warehouses; that dbt builds the same is checked by the runs of the whole graph.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pandas as pd
import pytest

PROJECT = Path(__file__).parents[3] / "dbt_project"
MACROS = ("company.sql", "dates.sql", "features.sql")
CORE = {
    "fct_order_lines": "core",
    "fct_interactions": "core",
    "fct_redemptions": "core",
    "int_products__versioned": "intermediate",
    "appetence_categories": "seeds",
    "private_label_brands": "seeds",
}
MODELS = (
    "customer_activity_features",
    "customer_basket_features",
    "customer_campaign_features",
    "customer_features",
    "appetence_category_features",
    "customer_category_features",
    "labels",
)
AMOUNTS = (
    "net_amount",
    "retail_discount_amount",
    "coupon_discount_amount",
    "coupon_match_discount_amount",
)
CUT_OFF = date(2017, 6, 19)
CUT_OFF_AT = datetime(2017, 6, 18, 22)  # noqa: DTZ001 - local midnight in Paris, as UTC


def rendered(model: str, *, is_incremental: bool = False) -> str:
    env = jinja2.Environment(autoescape=False)  # noqa: S701 - SQL, not HTML
    env.globals.update(
        config=lambda **_: "",
        ref=lambda name: f"{CORE.get(name, 'features')}.{name}",
        source=lambda schema, table: f"{schema}.{table}",
        env_var=lambda _, default="": default,
        is_incremental=lambda: is_incremental,
        this=f"features.{model}",
    )
    macros = "".join((PROJECT / "macros" / name).read_text() for name in MACROS)
    return env.from_string(macros + (PROJECT / f"models/features/{model}.sql").read_text()).render()


def build(con: duckdb.DuckDBPyConnection, edit: Callable[[str], str] = lambda sql: sql) -> None:
    con.execute("drop schema if exists features cascade; create schema features")
    for model in MODELS:
        kind = "view" if model == "customer_features" else "table"
        con.execute(f"create {kind} features.{model} as {edit(rendered(model))}")


def features(con: duckdb.DuckDBPyConnection) -> dict[str, pd.DataFrame]:
    found = {}
    for table in ("customer_features", "customer_category_features"):
        frame = con.execute(
            f"select * from features.{table} where as_of_date = ? order by all", [CUT_OFF]
        ).df()
        found[table] = frame.drop(columns="computed_at")
    return found


def small_warehouse(seed: int) -> duckdb.DuckDBPyConnection:
    """Ten customers over a year; one fact in five reaches us days or weeks after it happened."""
    chance = random.Random(seed)  # noqa: S311 - test data
    con = duckdb.connect()
    con.execute("set threads = 1; set TimeZone = 'UTC'")
    con.execute(
        """
        create schema raw_control; create schema core; create schema intermediate;
        create schema seeds;
        create table raw_control.run as
            select 'r' as run_id, date '2017-09-11' as as_of_date,
                timestamp '2017-09-11' as started_at;
        create table raw_control.cut_offs (as_of_date date, wanted_since timestamp);
        insert into raw_control.cut_offs values
            (date '2017-05-22', timestamp '1970-01-01'),
            (date '2017-06-19', timestamp '1970-01-01'),
            (date '2017-07-17', timestamp '1970-01-01'),
            (date '2017-09-11', timestamp '1970-01-01');
        create table raw_control.sources as
            select unnest(['campaign_contacts', 'redemptions']) as entity, true as is_connected;
        create table seeds.appetence_categories as select unnest(['SOUP', 'BEER']) as category;
        create table seeds.private_label_brands as select 'Private' as brand;
        """
    )
    _insert(con, "core.fct_order_lines", _lines(chance))
    for amount in AMOUNTS:
        con.execute(f"alter table core.fct_order_lines alter {amount} type decimal(18, 2)")
    _insert(con, "core.fct_redemptions", _redemptions(chance))
    _insert(con, "core.fct_interactions", _interactions(chance))
    _insert(con, "intermediate.int_products__versioned", _products(chance))
    return con


def _insert(con: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, Any]]) -> None:
    frame = pd.DataFrame(rows)
    con.register("frame", frame)
    con.execute(f"create table {table} as select * from frame")
    con.unregister("frame")


def _moment(chance: random.Random) -> datetime:
    start = datetime(2017, 1, 1)  # noqa: DTZ001 - naive UTC, as in the warehouse
    return start + timedelta(minutes=chance.randrange(250 * 24 * 60))


def _known(chance: random.Random, at: datetime) -> datetime:
    return at + timedelta(days=chance.choice([0, 0, 0, 0, chance.randrange(1, 60)]), minutes=1)


def _lines(chance: random.Random) -> list[dict[str, Any]]:
    rows = []
    for order in range(250):
        at = _moment(chance)
        customer = chance.choice(["c_1", "c_2", "c_3", "c_4", "c_5", "c_6", "c_7", None])
        for line in range(chance.randrange(1, 4)):
            rows.append(
                {
                    "order_line_id": f"{order}|{line}",
                    "order_id": str(order),
                    "customer_id": customer,
                    "product_id": f"p{chance.randrange(6)}",
                    "category": "SOUP",
                    "store_id": f"s{chance.randrange(3)}",
                    "line_kind": chance.choice(["sale"] * 9 + ["return"]),
                    "net_amount": chance.randrange(1, 3000) / 100,
                    "retail_discount_amount": chance.choice([0, 0, 0.5]),
                    "coupon_discount_amount": chance.choice([0, 0, 1.0]),
                    "coupon_match_discount_amount": 0,
                    "ordered_at": at,
                    # The day in Paris; two hours ahead are enough for the property.
                    "ordered_on": pd.Timestamp((at + timedelta(hours=2)).date()),
                    "known_at": _known(chance, at),
                }
            )
    return rows


def _redemptions(chance: random.Random) -> list[dict[str, Any]]:
    moments = [_moment(chance) for _ in range(60)]
    return [
        {
            "customer_id": f"c_{chance.randrange(1, 8)}",
            "redeemed_on": pd.Timestamp(at.date()),
            "known_at": _known(chance, at),
        }
        for at in moments
    ]


def _interactions(chance: random.Random) -> list[dict[str, Any]]:
    moments = [_moment(chance) for _ in range(80)]
    return [
        {
            "customer_id": f"c_{chance.randrange(1, 8)}",
            "direction": "outbound",
            "campaign_id": f"k{chance.randrange(5)}",
            "interacted_at": at,
            "known_at": _known(chance, at),
        }
        for at in moments
    ]


def _products(chance: random.Random) -> list[dict[str, Any]]:
    rows = []
    for product in range(6):
        start, end = datetime(2017, 1, 1), _moment(chance)  # noqa: DTZ001
        for valid_from, valid_to in ((start, end), (end, None)):
            rows.append(
                {
                    "product_id": f"p{product}",
                    "department": chance.choice(["FOOD", "DRINK"]),
                    "category": chance.choice(["SOUP", "BEER", "OTHER"]),
                    "brand": chance.choice(["Private", "National"]),
                    "valid_from": valid_from,
                    "valid_to": pd.Timestamp(valid_to) if valid_to else pd.NaT,
                    "known_at": valid_from,
                }
            )
    return rows


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    con = small_warehouse(7)
    build(con)
    return con
