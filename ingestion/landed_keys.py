"""New rows of a table against those that landed before: what is new, what is gone, what is lost.

All of it is set-based, in a DuckDB connection of its own: `new_rows` are the rows to land.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from contract.sql import literal, quote
from contract.suppression import row_hash
from ingestion.landed_files import RESTORED_AT
from ingestion.landed_state import Landing
from ingestion.source import SourceTable

if TYPE_CHECKING:
    from ingestion.read_table import TableReading


@dataclass(frozen=True)
class Compared:
    """gone: keys that landed and are no more (`keys_gone`); missing: keys that never came."""

    gone: int
    missing: int


def count_of(con: duckdb.DuckDBPyConnection, relation: str) -> int:
    """Rows of a relation."""
    return int(con.execute(f"select count(*) from {relation}").fetchall()[0][0])


def rows_of(
    con: duckdb.DuckDBPyConnection, paths: Sequence[str], more_columns: Mapping[str, str]
) -> None:
    """`new_rows` as a view over the parts, with the columns that only earlier rows had as null."""
    con.execute("drop table if exists new_rows")
    con.execute("drop view if exists new_rows")
    if not paths:
        con.execute("create table new_rows (nothing varchar)")
        return
    scan = f"read_parquet([{', '.join(literal(path) for path in paths)}], union_by_name = true)"
    have = {name for name, *_ in con.execute(f"describe from {scan}").fetchall()}
    nulls = "".join(f", cast(null as varchar) as {quote(n)}" for n in more_columns if n not in have)
    con.execute(f"create view new_rows as select *{nulls} from {scan}")


def keep_latest(con: duckdb.DuckDBPyConnection, table: SourceTable) -> None:
    """One row per key in `new_rows`, the one that changed last; a page may come twice."""
    if not set(table.key) <= _columns(con) or not table.key:
        return
    keys = _keys(table)
    rows, distinct = con.execute(
        f"select count(*), count(distinct {_one(keys)}) from new_rows"
    ).fetchall()[0]
    if rows == distinct:
        return
    latest = f"{_moment(table.cursor)} desc nulls last, " if table.cursor in _columns(con) else ""
    _replace(
        con,
        f"""select * from (
            select * exclude (place) from (select *, row_number() over () as place from new_rows)
            qualify row_number() over (partition by {keys} order by {latest}place desc) = 1)""",
    )


def note_cursor(con: duckdb.DuckDBPyConnection, table: SourceTable) -> None:
    """`cursor_met`: the latest change among `new_rows`, naive UTC.

    Within times that a reader can count with: infinity is none, nor is the year 20000.
    """
    latest = "select cast(null as timestamp) as latest"
    if table.cursor is not None and table.cursor in _columns(con):
        moment = _moment(table.cursor)
        known = f"max({moment}) filter (where {moment} >= timestamp '1970-01-02')"
        latest = f"select least({known}, timestamp '9999-01-01') as latest from new_rows"
    con.execute(f"create or replace table cursor_met as {latest}")


def leave_out(
    con: duckdb.DuckDBPyConnection,
    table: SourceTable,
    landing: Landing,
    reaching: Sequence[Path],
) -> None:
    """Take out of `new_rows` what the files hold already; `gone_before`: keys taken out so far.

    A row whose key was taken out since is news, even word for word.
    """
    _note_gone(con, table, landing)
    if not reaching or not count_of(con, "new_rows"):
        return
    landed = _scan(reaching)
    have = {name for name, *_ in con.execute(f"describe from {landed}").fetchall()}
    columns = sorted(_columns(con))
    named = [quote(name) for name in columns]
    then = [quote(name) if name in have else "null" for name in columns]
    is_back = (
        f"({_texts(table)}) in (from gone_before)" if count_of(con, "gone_before") else "false"
    )
    # Few of the rows that landed have a key that came again: the others need no digest.
    same = f"where ({_texts(table)}) in (select {_texts(table)} from new_rows)" if table.key else ""
    _replace(
        con,
        f"""select * from new_rows
        where {is_back} or {_digest(named)} not in (select {_digest(then)} from {landed} {same})""",
    )


def compare(reading: "TableReading") -> Compared | None:
    """Compare the keys there with the keys landed, where the counts do not agree already.

    Leaves `live`, the keys that landed, and `keys_gone`. Without the keys themselves a count that
    is higher at the source tells how many are missing.
    """
    con, table = reading.con, reading.table
    _note_live(con, table, reading.landing)
    erased = reading.landing.erased_keys(table.name) if reading.suppressions else set()
    live = count_of(con, "live")
    stated = reading.reader.count(table, None)
    if stated == live:
        return None
    if not table.finds_deletes:
        missing = 0 if stated is None else stated - live - len(erased)
        return Compared(0, missing) if missing > 0 else None
    con.execute("create or replace table keys_there as from live limit 0")
    for page in reading.reader.keys(table):
        con.register("page", page)
        con.execute(f"insert into keys_there select {_texts(table)} from page")
        con.unregister("page")
    con.execute("create or replace table keys_gone as from live except from keys_there")
    con.execute("create or replace table keys_missing as from keys_there except from live")
    missing = count_of(con, "keys_missing")
    if missing and erased:
        missing -= _left_out(reading, erased)
    return Compared(count_of(con, "keys_gone"), missing)


def _left_out(reading: "TableReading", erased: set[str]) -> int:
    """How many of `keys_missing` are missing on purpose: their rows were about erased people."""
    system, key = reading.landing.folder.name, reading.suppressions.key
    rows = reading.con.execute("from keys_missing").fetchall()
    return sum(row_hash(system, reading.table.name, row, key) in erased for row in rows)


def add_missing(con: duckdb.DuckDBPyConnection, paths: list[str], table: SourceTable) -> int:
    """Add the rows of a full read whose keys did not land yet to `new_rows`; how many."""
    if not paths:
        return 0
    before = count_of(con, "new_rows")
    kept = "select * from new_rows union all by name" if before else ""
    listed = ", ".join(literal(path) for path in paths)
    _replace(
        con,
        f"""{kept} select * from read_parquet([{listed}], union_by_name = true)
        where ({_texts(table)}) not in (from live)""",
    )
    keep_latest(con, table)
    return count_of(con, "new_rows") - before


def restored_sql(table: SourceTable, now: datetime) -> str:
    """A column that says when a key that had been taken out was found again."""
    return (
        f", case when ({_texts(table)}) in (from gone_before) "
        f"then timestamp '{now}' end as {RESTORED_AT}"
    )


def _note_gone(con: duckdb.DuckDBPyConnection, table: SourceTable, landing: Landing) -> None:
    """`gone_before`: keys of which the newest news is that they were taken out."""
    names = ", ".join(f"{quote(name)} varchar" for name in table.key) or "nothing varchar"
    con.execute(f"create or replace table gone_before ({names})")
    if table.finds_deletes and landing.files(table.name, deleted=True):
        con.execute(f"insert into gone_before {_newest(table, landing, is_gone=True)}")


def _note_live(con: duckdb.DuckDBPyConnection, table: SourceTable, landing: Landing) -> None:
    """`live`: keys that landed, `new_rows` included, and were not taken out since."""
    con.execute(f"create or replace table live as {_newest(table, landing, is_gone=False)}")
    if count_of(con, "new_rows"):
        con.execute(
            f"insert into live select distinct {_texts(table)} from new_rows "
            f"where ({_texts(table)}) not in (from live)"
        )


def _newest(table: SourceTable, landing: Landing, *, is_gone: bool) -> str:
    """Keys by whether the newest file that names them takes them out."""
    names = ", ".join(quote(name) for name in table.key)
    texts = ", ".join(f"cast({quote(name)} as varchar) as {quote(name)}" for name in table.key)
    rows = landing.files(table.name)
    gone = landing.files(table.name, deleted=True)
    if not gone:
        return f"select distinct {texts} from {_scan(rows)}"
    # The stamp ends the name of both kinds of file, so its text tells which is newer.
    stamp = "regexp_extract(filename, '[0-9]{8}T[0-9]{12}') as stamp"
    return f"""
        select {names} from (
            select {texts}, {stamp}, false as is_gone from {_scan(rows, named=True)}
            union all
            select {texts}, {stamp}, true as is_gone from {_scan(gone, named=True)}
        )
        group by {names}
        having {"" if is_gone else "not "}max_by(is_gone, (stamp, is_gone))
    """


def _scan(paths: Sequence[Path], *, named: bool = False) -> str:
    listed = ", ".join(literal(str(path)) for path in paths)
    filename = ", filename = true" if named else ""
    return f"read_parquet([{listed}], union_by_name = true{filename})"


def _replace(con: duckdb.DuckDBPyConnection, sql: str) -> None:
    con.execute(f"create or replace table next_rows as {sql}")
    con.execute("drop view if exists new_rows" if _is_view(con) else "drop table new_rows")
    con.execute("alter table next_rows rename to new_rows")


def _is_view(con: duckdb.DuckDBPyConnection) -> bool:
    found = con.execute("select 1 from duckdb_views() where view_name = 'new_rows'").fetchall()
    return bool(found)


def _columns(con: duckdb.DuckDBPyConnection) -> set[str]:
    return {name for name, *_ in con.execute("describe new_rows").fetchall()}


def _keys(table: SourceTable) -> str:
    return ", ".join(quote(name) for name in table.key)


def _one(keys: str) -> str:
    return f"({keys})" if "," in keys else keys


def _texts(table: SourceTable) -> str:
    return ", ".join(f"cast({quote(name)} as varchar)" for name in table.key)


def _moment(column: str | None) -> str:
    """The cursor as a naive UTC time, whether the source gave a time or its text."""
    return f"timezone('UTC', try_cast(cast({quote(str(column))} as varchar) as timestamptz))"


def _digest(columns: Sequence[str]) -> str:
    texts = ", ".join(f"coalesce(cast({name} as varchar), chr(30))" for name in columns)
    return f"md5_number(concat_ws(chr(31), {texts}))"
