"""What is ruled out before a costly distance is asked would never have been one slip apart."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from identity.linking.comparisons import comparisons

TEXTS = st.text(alphabet="abé1.", min_size=1, max_size=6)
NEAR = {"phone": 0.9, "email": 0.95}


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def condition(comparison: str, label: str) -> str:
    (found,) = (
        level["sql_condition"]
        for one in comparisons()
        if one["output_column_name"] == comparison
        for level in one["comparison_levels"]
        if level["label_for_charts"] == label
    )
    return str(found)


@settings(max_examples=60, deadline=None, print_blob=True)
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=30))
@example([("abba1", "abab1"), ("abba", "abbaa"), ("éaaaaaaaa", "aaaaaaaa"), ("ab1ba", "ab2ba")])
def test_one_slip_is_found_wherever_the_distance_is_one(
    con: duckdb.DuckDBPyConnection, pairs: list[tuple[str, str]]
) -> None:
    for name, label in (("phone", "one digit off"), ("email", "one letter off")):
        digits = "regexp_replace({}, '[^0-9]', '', 'g')"
        same = f"{digits.format('l')} = {digits.format('r')}" if name == "email" else "true"
        rows = con.execute(
            f"select l, r, ({condition(name, label)}), damerau_levenshtein(l, r) <= 1 and {same}"
            f" and jaro_winkler_similarity(l, r) >= {NEAR[name]}"
            f" from (select unnest($left) as l, unnest($right) as r, l as {name}_l, r as {name}_r)",
            {"left": [one for one, _ in pairs], "right": [other for _, other in pairs]},
        ).fetchall()
        assert [row for row in rows if row[2] != row[3]] == []


def test_a_missing_last_name_says_nothing_of_swapped_names(con: duckdb.DuckDBPyConnection) -> None:
    row = con.execute(
        f"select {condition('last_name', 'a first name in the place of the last')}"
        " from (select null::varchar as last_name_l, 'martin' as last_name_r,"
        " 'martin' as first_name_l, 'paul' as first_name_r)"
    ).fetchall()
    assert row == [(False,)]
