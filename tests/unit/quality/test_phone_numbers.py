"""Numbers that can exist, and that each is judged once."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from quality.phone_numbers import describe, judge_numbers


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("+33612345678", (True, True, True, "FR")),
        ("+33142685300", (True, True, False, "FR")),
        ("+32470123456", (True, True, True, "BE")),
        ("+41791234567", (True, True, True, "CH")),
        ("+12125550100", (True, True, None, "US")),
        ("+262692123456", (True, True, True, "RE")),
        ("+33712345678", (True, False, None, None)),  # a range that is not handed out
        ("+3361234567", (False, False, None, None)),
        ("0612345678", (False, False, None, None)),  # no country: cannot be dialled
    ],
)
def test_a_number_is_possible_valid_and_mobile_by_its_plan(
    number: str, expected: tuple[object, ...]
) -> None:
    assert describe(number, "r")[1:5] == expected


@pytest.fixture
def con(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(str(tmp_path / "w.duckdb"))
    con.execute("create schema intermediate")
    con.execute(
        "create table intermediate.int_identity__observed "
        "(record_id varchar, identifier_kind varchar, identifier_value varchar)"
    )
    return con


def observe(con: duckdb.DuckDBPyConnection, *numbers: str) -> None:
    con.execute("delete from intermediate.int_identity__observed")
    for place, number in enumerate(numbers):
        con.execute(
            "insert into intermediate.int_identity__observed values (?, 'phone', ?)",
            [f"shop|{place}", number],
        )


def test_only_new_numbers_are_judged_and_one_that_nobody_carries_leaves(
    con: duckdb.DuckDBPyConnection,
) -> None:
    observe(con, "+33612345678", "+33612345678", "+3361234567")
    first = judge_numbers(con)
    assert (first.numbers, first.judged, first.invalid) == (2, 2, 1)
    observe(con, "+33612345678", "+32470123456")
    second = judge_numbers(con)
    assert (second.numbers, second.judged, second.invalid) == (2, 1, 0)
    rows = con.execute("select phone_number from intermediate.phone_numbers order by 1").fetchall()
    assert rows == [("+32470123456",), ("+33612345678",)]


def test_another_release_of_the_plans_judges_every_number_again(
    con: duckdb.DuckDBPyConnection,
) -> None:
    observe(con, "+33612345678")
    judge_numbers(con)
    con.execute("update intermediate.phone_numbers set plan_version = 'old', is_valid = false")
    assert judge_numbers(con).judged == 1
    assert con.execute("select is_valid from intermediate.phone_numbers").fetchall() == [(True,)]
