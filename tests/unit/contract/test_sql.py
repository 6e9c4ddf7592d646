"""Names and texts are quoted, and a block of statements happens whole or not at all."""

from __future__ import annotations

import duckdb
import pytest

from contract.sql import literal, quote, transaction


@pytest.mark.parametrize("text", ["plain", "it's", 'a "b" c', "'; drop table t; --"])
def test_a_text_and_a_name_come_back_as_they_were(text: str) -> None:
    cursor = duckdb.connect().execute(f"select {literal(text)} as {quote(text)}")
    assert cursor.description[0][0] == text
    assert cursor.fetchone() == (text,)


def add(con: duckdb.DuckDBPyConnection, number: int, table: str) -> None:
    with transaction(con):
        con.execute(f"insert into t values ({number})")
        con.execute(f"insert into {table} values ({number})")


def test_a_block_that_fails_changes_nothing_and_the_next_one_works() -> None:
    con = duckdb.connect()
    con.execute("create table t (n integer); create table other (n integer)")
    with pytest.raises(duckdb.CatalogException):
        add(con, 1, "nowhere")
    add(con, 2, "other")
    assert con.execute("from t").fetchall() == [(2,)]
