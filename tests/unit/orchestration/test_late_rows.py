"""Rows that come late reach features and labels of every cut-off that should have known them."""

# ruff: noqa: DTZ001 - the warehouse keeps naive UTC

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import duckdb
import pytest

from orchestration.cut_offs import FEATURES_READ, ask_where_late

TODAY = date(2026, 7, 1)
CUT_OFFS = [date(2026, 4, 13), date(2026, 5, 11), date(2026, 6, 8), TODAY]
FIRST_LOAD, STARTED = datetime(2026, 7, 1, 5), datetime(2026, 7, 1, 9)


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """A company whose first rows were looked at this morning."""
    with duckdb.connect() as opened:
        opened.execute(
            "create schema raw_control; create schema raw_files;"
            "create table raw_control.run (run_id varchar, as_of_date date, started_at timestamp);"
            "create table raw_control.cut_offs (as_of_date date, wanted_since timestamp)"
        )
        opened.execute("insert into raw_control.run values ('r', ?, ?)", [TODAY, STARTED])
        for name in FEATURES_READ:
            opened.execute(
                f"create table raw_files.{name} (known_at timestamp, loaded_at timestamp)"
            )
        rows = [[day, datetime(1970, 1, 1)] for day in CUT_OFFS]
        opened.executemany("insert into raw_control.cut_offs values (?, ?)", rows)
        load(opened, datetime(2026, 1, 5), FIRST_LOAD)
        assert ask_where_late(opened, TODAY, "Europe/Paris") is None
        assert asked(opened) == []
        yield opened


def load(con: duckdb.DuckDBPyConnection, known_at: datetime, loaded_at: datetime) -> None:
    con.execute("insert into raw_files.order_lines values (?, ?)", [known_at, loaded_at])


def asked(con: duckdb.DuckDBPyConnection) -> list[date]:
    rows = con.execute(
        "select as_of_date from raw_control.cut_offs where wanted_since = ? order by 1", [STARTED]
    ).fetchall()
    return [day for (day,) in rows]


@pytest.mark.parametrize(
    ("known_at", "expected"),
    [
        (datetime(2026, 6, 30, 12), [TODAY]),
        # Local midnight of the first of July; a second later nothing that exists knew it.
        (datetime(2026, 6, 30, 22), []),
        # The label after 28 days of the cut-off of May was out on the eighth of June.
        (datetime(2026, 6, 7, 12), [date(2026, 4, 13), date(2026, 5, 11), date(2026, 6, 8), TODAY]),
        # That after 56 days of the cut-off of April too, on the same day.
        (datetime(2026, 6, 8, 12), [TODAY]),
        (datetime(2026, 4, 1), CUT_OFFS),
    ],
)
def test_a_late_row_is_asked_for_where_it_was_not_known(
    con: duckdb.DuckDBPyConnection, known_at: datetime, expected: list[date]
) -> None:
    load(con, known_at, datetime(2026, 7, 1, 8))
    assert ask_where_late(con, TODAY, "Europe/Paris") == known_at
    assert asked(con) == expected


def test_yesterdays_rows_of_a_new_day_ask_for_nothing_that_is_there(
    con: duckdb.DuckDBPyConnection,
) -> None:
    load(con, datetime(2026, 7, 1, 12), datetime(2026, 7, 2, 5))
    ask_where_late(con, date(2026, 7, 2), "Europe/Paris")
    assert asked(con) == []


def test_rows_are_looked_at_once(con: duckdb.DuckDBPyConnection) -> None:
    load(con, datetime(2026, 6, 30, 12), datetime(2026, 7, 1, 8))
    assert ask_where_late(con, TODAY, "Europe/Paris") is not None
    con.execute("update raw_control.cut_offs set wanted_since = timestamp '1970-01-01'")
    assert ask_where_late(con, TODAY, "Europe/Paris") is None
    assert asked(con) == []


def test_labels_that_came_out_while_nothing_was_loaded_are_asked_for(
    con: duckdb.DuckDBPyConnection,
) -> None:
    later = date(2026, 7, 7)  # 28 days after the eighth of June is the sixth of July
    assert ask_where_late(con, later, "Europe/Paris") is None
    load(con, datetime(2026, 7, 5, 12), datetime(2026, 7, 8, 5))
    ask_where_late(con, date(2026, 7, 8), "Europe/Paris")
    assert asked(con) == [date(2026, 5, 11), date(2026, 6, 8)]


def test_what_was_not_asked_for_was_not_looked_at(con: duckdb.DuckDBPyConnection) -> None:
    load(con, datetime(2026, 6, 30, 12), datetime(2026, 7, 1, 8))
    with pytest.raises(duckdb.Error):
        ask_where_late(con, TODAY, "Nowhere/Nothing")
    assert asked(con) == []
    ask_where_late(con, TODAY, "Europe/Paris")
    assert asked(con) == [TODAY]
