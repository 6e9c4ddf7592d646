"""First names are taken for careful until pairs of one person show that they are not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import duckdb
import pytest

from identity.linking.care import MIN_PAIRS, is_careful

Row = tuple[str | None, str, str | None]  # first name, last name, birth


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(
            "create schema linking; create table linking.rows (row_number integer, "
            "first_name varchar, first_part varchar, is_usual_first_name boolean, "
            "last_name varchar, birth varchar)"
        )
        yield connection


def fill(con: duckdb.DuckDBPyConnection, rows: Iterable[Row]) -> None:
    con.executemany(
        "insert into linking.rows values (?, ?, ?, true, ?, ?)",
        [(number, first, first, last, birth) for number, (first, last, birth) in enumerate(rows)],
    )


def pairs(count: int, second: str | None) -> list[Row]:
    """Pairs of records of one last name and birth date: mathilde and the second first name."""
    return [
        (first, f"name{number}", f"1980{number % 12 + 1:02}{number % 28 + 1:02}")
        for number in range(count)
        for first in ("mathilde", second)
    ]


def test_without_pairs_first_names_tell_persons_apart(con: duckdb.DuckDBPyConnection) -> None:
    fill(con, pairs(MIN_PAIRS - 1, "gregoire"))
    assert is_careful(con)


def test_many_second_first_names_are_slips(con: duckdb.DuckDBPyConnection) -> None:
    fill(con, [*pairs(90, "mathilde"), *((f, f"x{n}", b) for f, n, b in pairs(10, "gregoire"))])
    assert not is_careful(con)


def test_a_few_twins_are_no_slips(con: duckdb.DuckDBPyConnection) -> None:
    fill(con, [*pairs(95, "mathilde"), *((f, f"x{n}", b) for f, n, b in pairs(5, "gregoire"))])
    assert is_careful(con)


def test_a_household_shows_nothing(con: duckdb.DuckDBPyConnection) -> None:
    couples: list[Row] = [
        row
        for number in range(100)
        for row in (("mathilde", f"name{number}", "19800101"), ("gregoire", f"name{number}", None))
    ]
    fill(con, couples)
    assert is_careful(con)


def test_a_placeholder_for_a_date_shows_nothing(con: duckdb.DuckDBPyConnection) -> None:
    fill(con, [(f"first{number}", "martin", "19000101") for number in range(50)])
    assert is_careful(con)


def test_a_date_that_a_till_puts_in_shows_nothing_of_the_families_that_have_it(
    con: duckdb.DuckDBPyConnection,
) -> None:
    put_in = [(first, f"x{last}", "19940601") for first, last, _ in pairs(50, "gregoire")]
    stated = [
        ("mathilde", f"name{number}", f"19{number % 90 + 10}{number % 12 + 1:02}{number % 28 + 1}")
        for number in range(300)
        for _ in range(2)
    ]
    fill(con, [*put_in, *stated])
    assert is_careful(con)
