"""A feature is a function of what was known at its cut-off."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.errors import ModelRejected
from ml.frames import labelled_cut_offs, training_rows
from ml.models.attrition_28d import MODEL
from ml.models.attrition_own_rhythm import MODEL as OWN_RHYTHM

from .conftest import CUT_OFF, CUT_OFF_AT, build, features, rendered, small_warehouse

FACTS = ("core.fct_order_lines", "core.fct_redemptions", "core.fct_interactions")
KNOWN_LATER = "known_at >= ?"
# Facts that had happened before the cut-off and were only known after it: the usual leak.
LATE = {
    "core.fct_order_lines": "ordered_at < ? and known_at >= ?",
    "core.fct_redemptions": "redeemed_on < ? and known_at >= ?",
    "core.fct_interactions": "interacted_at < ? and known_at >= ?",
}


def delete_what_was_known_later(con: duckdb.DuckDBPyConnection) -> None:
    for table in FACTS:
        con.execute(f"delete from {table} where {KNOWN_LATER}", [CUT_OFF_AT])
    forget_later_products(con)


def delete_only_late_facts(con: duckdb.DuckDBPyConnection) -> None:
    for table, condition in LATE.items():
        con.execute(f"delete from {table} where {condition}", [CUT_OFF_AT, CUT_OFF_AT])


def scramble_what_was_known_later(con: duckdb.DuckDBPyConnection) -> None:
    for table in FACTS:
        con.execute(f"update {table} set customer_id = 'c_1' where {KNOWN_LATER}", [CUT_OFF_AT])
    con.execute(
        f"update core.fct_order_lines set net_amount = 99999, product_id = 'p1', store_id = 'x', "
        f"line_kind = 'sale' where {KNOWN_LATER}",
        [CUT_OFF_AT],
    )
    con.execute(
        "update intermediate.int_products__versioned set category = 'BEER', brand = 'Private', "
        f"department = 'LATER' where {KNOWN_LATER}",
        [CUT_OFF_AT],
    )


def forget_later_products(con: duckdb.DuckDBPyConnection) -> None:
    table = "intermediate.int_products__versioned"
    con.execute(f"delete from {table} where {KNOWN_LATER}", [CUT_OFF_AT])
    con.execute(f"update {table} set valid_to = null where valid_to >= ?", [CUT_OFF_AT])


CHANGES = [
    delete_what_was_known_later,
    delete_only_late_facts,
    scramble_what_was_known_later,
    forget_later_products,
]


def changed_features(
    seed: int,
    change: Callable[[duckdb.DuckDBPyConnection], None],
    edit: Callable[[str], str] = lambda sql: sql,
) -> list[str]:
    """The features at the cut-off that differ once the future is changed."""
    con = small_warehouse(seed)
    build(con, edit)
    before = features(con)
    change(con)
    build(con, edit)
    after = features(con)
    con.close()
    different = []
    for table, frame in before.items():
        if len(frame) != len(after[table]):
            return [f"{table}: rows"]
        for column in frame:
            try:
                pd.testing.assert_series_equal(frame[column], after[table][column], rtol=1e-9)
            except AssertionError:
                different.append(f"{table}.{column}")
    return different


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@settings(max_examples=6, deadline=None, print_blob=True)
@given(seed=st.integers(0, 10_000))
def test_no_feature_depends_on_what_was_known_later(
    change: Callable[[duckdb.DuckDBPyConnection], None], seed: int
) -> None:
    assert changed_features(seed, change) == []


@pytest.mark.parametrize(
    "clause",
    [
        "order_lines.known_at < cut_offs.cut_off_at",
        "cut_offs.cut_off_at > interactions.known_at",
        "cut_offs.cut_off_at > redeemed.known_at",
    ],
)
def test_the_same_check_catches_a_planted_leak(clause: str) -> None:
    leak = changed_features(7, delete_only_late_facts, lambda sql: sql.replace(clause, "true"))
    assert leak != []


def test_the_same_check_catches_the_current_catalogue() -> None:
    leak = changed_features(
        7,
        scramble_what_was_known_later,
        lambda sql: sql.replace(
            "versions.valid_from < product_cut_offs.cut_off_at", "true"
        ).replace(
            "coalesce(versions.valid_to, timestamp '9999-12-31') >= product_cut_offs.cut_off_at",
            "versions.valid_to is null",
        ),
    )
    assert leak != []


def test_a_cut_off_whose_horizon_has_not_passed_cannot_train(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    scoring_day = date(2017, 7, 17)
    assert labelled_cut_offs(warehouse, MODEL, scoring_day=scoring_day) == [
        date(2017, 5, 22),
        CUT_OFF,
    ]
    assert labelled_cut_offs(warehouse, OWN_RHYTHM, scoring_day=scoring_day) == [date(2017, 5, 22)]
    with pytest.raises(ModelRejected, match="2017-07-17 is not known on 2017-07-17"):
        training_rows(warehouse, MODEL, scoring_day=scoring_day, cut_offs=[date(2017, 7, 17)])


def test_labels_exist_only_once_their_horizon_has_passed(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    latest = dict(
        warehouse.execute(
            "select task, max(as_of_date) from features.labels group by task"
        ).fetchall()
    )
    assert latest["attrition_28d"] == date(2017, 7, 17)
    assert latest["attrition_56d"] == date(2017, 7, 17)
    assert "2017-09-11" not in map(str, latest.values())


def test_a_label_ignores_a_purchase_known_after_its_horizon() -> None:
    con = small_warehouse(7)
    con.execute("delete from core.fct_order_lines where ordered_on >= date '2017-06-19'")
    build(con)
    left = "select min(value) from features.labels where task = 'attrition_28d' and as_of_date = ?"
    assert con.execute(left, [CUT_OFF]).fetchall() == [(1,)]
    con.execute(
        "insert into core.fct_order_lines by name select * replace ("
        "timestamp '2017-06-25' as ordered_at, date '2017-06-25' as ordered_on, "
        "timestamp '2017-08-30' as known_at) from core.fct_order_lines where line_kind = 'sale'"
    )
    build(con)
    assert con.execute(left, [CUT_OFF]).fetchall() == [(1,)]


def test_only_absent_or_newly_wanted_cut_offs_are_computed(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    for model in ("customer_activity_features", "customer_category_features", "labels"):
        sql = f"select distinct as_of_date from ({rendered(model, is_incremental=True)})"
        assert warehouse.execute(sql).fetchall() == []
    warehouse.execute(
        "update raw_control.cut_offs set wanted_since = timestamp '2018-01-01' "
        "where as_of_date = ?",
        [CUT_OFF],
    )
    for model in ("customer_activity_features", "customer_category_features", "labels"):
        sql = f"select distinct as_of_date from ({rendered(model, is_incremental=True)})"
        assert warehouse.execute(sql).fetchall() == [(CUT_OFF,)]


def test_measures_of_what_is_not_connected_are_null() -> None:
    con = small_warehouse(7)
    con.execute("update raw_control.sources set is_connected = false")
    build(con)
    counts = con.execute(
        "select count(redemption_count_84_days), count(campaign_count_84_days), count(*) > 0 "
        "from features.customer_features"
    ).fetchall()
    assert counts == [(0, 0, True)]


def test_without_a_list_that_is_sold_here_the_rule_chooses_the_categories() -> None:
    con = small_warehouse(7)
    con.execute("delete from seeds.appetence_categories")
    con.execute(
        "insert into intermediate.int_products__versioned "
        "select 'p' || i, 'FOOD', 'RARE ' || i, 'x', timestamp '2017-01-01', null, "
        "timestamp '2017-01-01' from range(10, 12) as numbers (i)"
    )
    con.execute(
        "insert into core.fct_order_lines by name select * replace ('p10' as product_id, "
        "'z' as order_line_id) from core.fct_order_lines where customer_id = 'c_1' "
        "and ordered_on between date '2017-06-01' and date '2017-06-15' limit 1"
    )
    build(con)
    found = con.execute(
        "select category from features.appetence_category_features where as_of_date = ?", [CUT_OFF]
    ).fetchall()
    assert found == [("RARE 10",)]


def test_the_order_of_rows_and_threads_changes_no_bit_of_a_feature() -> None:
    found = []
    for order in ("order_line_id", "order_line_id desc"):
        con = small_warehouse(11)
        con.execute("set threads = 4; set preserve_insertion_order = false")
        con.execute(
            "create or replace table core.fct_order_lines as "
            f"select * from core.fct_order_lines order by {order}"
        )
        build(con)
        found.append(features(con))
    for table, frame in found[0].items():
        pd.testing.assert_frame_equal(frame, found[1][table], check_exact=True)
