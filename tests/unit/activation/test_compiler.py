from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from activation.columns import Column
from activation.compiler import compile_members
from activation.conditions import Comparison, Group, Has
from activation.definitions import Segment, load_segments
from activation.segments import preview
from tests.fixtures.small_marts import AS_OF, build, columns, insert

PERSON = columns()["customer_360"]


def load(folder: Path, where: dict[str, Any], name: str = "one") -> Segment:
    head = "title: {en: x, fr: x}\ndescription: {en: x, fr: x}\nowner: crm\n"
    text = head + yaml.safe_dump({"where": where}, allow_unicode=True)
    (folder / f"{name}.yml").write_text(text, encoding="utf-8")
    return load_segments(folder, columns())[name]


def members(con: duckdb.DuckDBPyConnection, where: Group) -> set[str]:
    query = compile_members(where, ["customer_id"], as_of=AS_OF)
    return {row[0] for row in con.execute(query.sql, query.values).fetchall()}


def count(con: duckdb.DuckDBPyConnection, folder: Path, where: dict[str, Any]) -> int:
    return preview(con, load(folder, where), as_of=AS_OF).member_count


def test_missing_is_not_zero_and_not_even_under_none(
    con: duckdb.DuckDBPyConnection, folder: Path
) -> None:
    insert(con, "marts.customer_360", {"customer_id": "c_lead", "relation": "lead"})
    low = {"column": "net_amount", "at_most": 0}
    high = {"column": "net_amount", "at_least": 0}
    assert count(con, folder, {"all": [low]}) == 0
    assert count(con, folder, {"none": [high]}) == 0
    assert count(con, folder, {"all": [{"column": "net_amount", "is_missing": True}]}) == 1
    assert count(con, folder, {"all": [{"column": "net_amount", "is_missing": False}]}) == 60


def test_a_source_that_is_not_connected_selects_nobody_either_way(
    con: duckdb.DuckDBPyConnection, folder: Path
) -> None:
    seen = {"has": {"mart": "customer_products_seen", "count_at_least": 1, "within_days": 30}}
    assert count(con, folder, {"all": [seen]}) == 0
    assert count(con, folder, {"none": [seen]}) == 0
    con.execute("update marts.customer_360 set product_view_count = 0")
    assert count(con, folder, {"none": [seen]}) == 60


def test_within_days_and_older_than_days_share_every_day_once(
    con: duckdb.DuckDBPyConnection, folder: Path
) -> None:
    for days in (0, 30, 120, 300):
        recent = count(con, folder, {"all": [{"column": "last_ordered_on", "within_days": days}]})
        older = {"column": "last_ordered_on", "older_than_days": days}
        assert recent + count(con, folder, {"all": [older]}) == 60


def test_the_edge_day_is_still_within(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    con.execute("delete from marts.customer_360")
    for days in (29, 30, 31):
        row = {"customer_id": f"c_{days}", "last_ordered_on": AS_OF - timedelta(days=days)}
        insert(con, "marts.customer_360", row)
    segment = load(folder, {"all": [{"column": "last_ordered_on", "within_days": 30}]})
    assert members(con, segment.where) == {"c_29", "c_30"}


def test_more_than_three_means_at_least_four(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    con.execute("update marts.customer_360 set product_view_count = 4")
    for number in range(1, 5):
        for page in range(number):
            row = {"customer_id": f"c_{number:016x}", "product_id": str(page), "category": "bio",
                   "last_viewed_on": AS_OF}  # fmt: skip
            insert(con, "marts.customer_products_seen", row)
    bio = [{"column": "category", "is": "bio"}]
    seen = {"has": {"mart": "customer_products_seen", "where": bio, "count_at_least": 4}}
    assert count(con, folder, {"all": [seen]}) == 1


def test_another_segment_counts_as_its_own_members(
    con: duckdb.DuckDBPyConnection, folder: Path
) -> None:
    load(folder, {"all": [{"column": "net_amount", "at_least": 1500}]}, "rich")
    inside = count(con, folder, {"all": [{"segment": "rich"}]})
    outside = count(con, folder, {"none": [{"segment": "rich"}]})
    assert inside > 0
    assert inside + outside == 60


NASTY = ["'", '"', ";--", "/*", "$v1", "') or 1=1 --", "x' union select 1", "\x00", "é\u2028", "%"]


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.sampled_from(NASTY), st.text(max_size=40)))
def test_a_value_is_always_bound_and_never_becomes_sql(value: str) -> None:
    where = Group(all=(Comparison(PERSON["rfm_group"], "is", value),))
    plain = Group(all=(Comparison(PERSON["rfm_group"], "is", "gros"),))
    query = compile_members(where, ["customer_id"], as_of=AS_OF)
    assert query.sql == compile_members(plain, ["customer_id"], as_of=AS_OF).sql
    assert query.values == {"v1": value}


def comparisons(columns: dict[str, Column]) -> st.SearchStrategy[Comparison]:
    texts = st.builds(
        Comparison,
        st.sampled_from([one for one in columns.values() if one.kind == "text"]),
        st.sampled_from(["is", "is_not", "in"]),
        st.sampled_from([*NASTY, "gros"]),
    )
    numbers = st.builds(
        Comparison,
        st.sampled_from([one for one in columns.values() if one.kind == "number"]),
        st.sampled_from(["is", "is_not", "at_least", "at_most"]),
        st.integers(-10, 3000),
    )
    days = st.builds(
        Comparison,
        st.sampled_from([one for one in columns.values() if one.kind in ("date", "timestamp")]),
        st.sampled_from(["within_days", "older_than_days"]),
        st.integers(0, 36_500),
    )
    missing = st.builds(
        Comparison, st.sampled_from(list(columns.values())), st.just("is_missing"), st.booleans()
    )
    return st.one_of(texts, numbers, days, missing)


has = st.builds(
    Has,
    st.just("customer_categories"),
    st.lists(comparisons(dict(columns()["customer_categories"])), max_size=3).map(tuple),
    st.integers(1, 5),
    st.one_of(st.none(), st.integers(0, 400)),
)
groups = st.recursive(
    st.builds(
        Group,
        all=st.lists(st.one_of(comparisons(dict(PERSON)), has), min_size=1, max_size=3).map(tuple),
    ),
    lambda inner: st.builds(
        Group,
        all=st.lists(inner, min_size=1, max_size=2).map(tuple),
        any=st.lists(inner, max_size=2).map(tuple),
        none=st.lists(inner, max_size=2).map(tuple),
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def shared() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    build(con)
    return con


@settings(max_examples=120, deadline=None)
@given(groups)
def test_every_definition_compiles_runs_and_none_is_the_opposite_of_all(
    shared: duckdb.DuckDBPyConnection, group: Group
) -> None:
    chosen = members(shared, group)
    assert not chosen & members(shared, Group(none=(group,)))
    assert members(shared, Group(any=(group, group))) == chosen
