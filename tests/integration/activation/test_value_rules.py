"""A computed value is explained by its rule, with the customer's own numbers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from activation.value_rules import notes_of

SEEDS = Path(__file__).parents[3] / "dbt_project" / "seeds"
VALUES: dict[str, Any] = {
    "customer_id": "c_1",
    "lifecycle_stage": "at_risk",
    "top_appetence_category": "BEER",
}
TABLES = """
    create schema marts; create schema seeds; create schema ml;
    create table marts.rfm as select 'c_1' as customer_id, date '2018-01-01' as as_of_date,
        20 as days_since_last_order, 40 as order_count, 900.5::decimal(18, 2) as net_amount,
        2 as recency_score, 3 as frequency_score, 4 as monetary_score;
    create table marts.rfm_cuts as select * from (values
        (date '2018-01-01', 'recency', 2, 10, 26), (date '2018-01-01', 'frequency', 3, 32, 55),
        (date '2018-01-01', 'monetary', 4, 872, null), (date '2017-12-01', 'recency', 2, 1, 2)
    ) as cuts (as_of_date, axis, score, lower_bound, upper_bound);
    create table marts.pmg as select 'c_1' as customer_id, 900.5::decimal(18, 2) as net_amount,
        0.62 as cumulative_share;
    create table marts.purchase_cycle as select 'c_1' as customer_id, 9 as purchase_day_count,
        5.5 as own_gap_days, 6 as typical_gap_days, 8 as population_gap_days,
        3 as unusual_gap_ratio, date '2017-12-12' as last_ordered_on, 20 as silence_days,
        18 as unusual_silence_days, date '2017-12-30' as silence_unusual_on,
        true as is_silence_unusual;
    create table ml.scores as select 'c_1' as customer_id, 'attrition_28d' as score,
        '' as subject, 0.9 as percentile, 'abc' as model_version, false as used,
        '[{"en": "silent", "fr": "silencieux"}]' as reasons
"""


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute(TABLES)
        for seed in ("customer_settings", "pmg_settings"):
            con.execute(f"create table seeds.{seed} as from read_csv('{SEEDS / seed}.csv')")
        yield con


RULES = [
    ("recency_score", "20 days since the last order", "2 is for more than 10 and at most 26"),
    ("frequency_score", "40 orders in 365 days", "3 is for more than 32 and at most 55"),
    ("monetary_score", "net amount 900.50", "4 is for more than 872"),
    ("rfm_group", "recency 2 with 4", "mean of frequency 3 and amount 4"),
    ("pmg_class", "62% of all revenue", "Gros up to 50%, Moyen up to 80%, Petit up to 100%"),
    ("typical_gap_days", "own gap 5.5 days × 8 gaps", "everybody’s gap 8 days × 2"),
    ("silence_unusual_on", "last order 2017-12-12 + 18 days", "typical gap 6 days × 3"),
    ("lifecycle_stage", "less than 1.5 times the 18 unusual days", "unusual on 2017-12-30"),
    ("attrition_28d_probability", "rank 90% among those scored", "not used: it does not beat"),
    ("attrition_28d_probability", "model abc", "silent"),
]


@pytest.mark.parametrize(("column", "numbers", "rule"), RULES)
def test_a_value_says_its_rule_with_its_numbers(
    con: duckdb.DuckDBPyConnection, column: str, numbers: str, rule: str
) -> None:
    note = notes_of(con, VALUES, "en")[column]
    assert numbers in note
    assert rule in note


@pytest.mark.parametrize(
    "stage", ["lost", "lapsed", "at_risk", "first_buyer", "reactivated", "loyal", "active"]
)
@pytest.mark.parametrize("lang", ["en", "fr"])
def test_every_stage_has_its_rule(con: duckdb.DuckDBPyConnection, stage: str, lang: str) -> None:
    note = notes_of(con, VALUES | {"lifecycle_stage": stage}, lang)["lifecycle_stage"]
    assert "18" in note or "9" in note or "1" in note


def test_who_never_bought_is_explained_too(con: duckdb.DuckDBPyConnection) -> None:
    notes = notes_of(con, VALUES | {"customer_id": "c_2", "lifecycle_stage": "lead"}, "en")
    assert notes == {"lifecycle_stage": notes["lifecycle_stage"]}
    assert "never bought" in notes["lifecycle_stage"]
