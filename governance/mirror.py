"""The ledger's entries, copied into the warehouse for the models that read them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyarrow as pa
from sqlalchemy import String, cast, func, select

from contract.sql import transaction
from governance.ledger import ERASE
from governance.tables import consent_entries, ledger_erased

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from sqlalchemy import Connection, Engine

TABLE = "raw_state.consent_entries"
_COLUMNS = {
    "entry_id": "varchar",
    "customer_key": "varchar",
    "source_system": "varchar",
    "address_hash": "varchar",
    "channel": "varchar",
    "purpose": "varchar",
    "act": "varchar",
    "source": "varchar",
    "occurred_at": "timestamp",
    "known_at": "timestamp",
    "recorded_at": "timestamp",
    "sequence": "integer",
}
_TYPED = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
_CASTS = ", ".join(f"cast({name} as {kind}) as {name}" for name, kind in _COLUMNS.items())
_ROWS = 50_000  # copied at a time


def copy_entries(engine: Engine, con: DuckDBPyConnection) -> int:
    """Make raw_state.consent_entries equal to the ledger, in one transaction; how many entries.

    Only new entries are read, unless the copy is not the beginning of this ledger (another state
    database, or one put back): then all are. What was erased leaves the copy; the erasures, which
    are about nobody, do not enter it. Nothing is written when both hold the same entries.
    """
    _make_table(con)
    with engine.connect() as connection:
        erased = list(connection.scalars(select(ledger_erased.c.sequence)))
        gone = _count(con, f"select count(*) from {TABLE} where sequence in (select unnest(?))",
                      [erased])  # fmt: skip
        start = _first_missing(connection, con, gone)
        held = select(func.max(consent_entries.c.sequence))
        if gone or start <= (connection.scalar(held) or 0) or start == 0:
            with transaction(con):
                drop = f"delete from {TABLE} where sequence in (select unnest(?)) or ? = 0"
                con.execute(drop, [erased, start])
                for rows in _batches(connection, start):
                    con.register("ledger_entries", rows)
                    con.execute(f"insert into {TABLE} select {_CASTS} from ledger_entries")
                    con.unregister("ledger_entries")
    return _count(con, f"select count(*) from {TABLE}", [])


def _make_table(con: DuckDBPyConnection) -> None:
    con.execute("create schema if not exists raw_state")
    con.execute(f"create table if not exists {TABLE} ({_TYPED})")
    if [row[0] for row in con.execute(f"describe {TABLE}").fetchall()] != list(_COLUMNS):
        con.execute(f"create or replace table {TABLE} ({_TYPED})")  # of an older version


def _first_missing(connection: Connection, con: DuckDBPyConnection, gone: int) -> int:
    """The number after the last one copied; 0 when the copy does not begin this ledger."""
    query = f"select count(*), max(sequence), arg_max(entry_id, sequence) from {TABLE}"
    [(copied, last, entry_id)] = con.execute(query).fetchall()
    if last is None:
        return 0
    entries = consent_entries.c
    same = select(entries.entry_id).where(entries.sequence == last)
    before = select(func.count()).where(entries.sequence <= last, entries.act != ERASE)
    if connection.scalar(same) != entry_id or connection.scalar(before) != copied - gone:
        return 0
    return int(last) + 1


def _batches(connection: Connection, start: int) -> Iterator[pa.Table]:
    """Entries from a number on as text, which the warehouse casts: quicker than Python's times."""
    columns = [cast(consent_entries.c[name], String).label(name) for name in _COLUMNS]
    entries = consent_entries.c
    statement = (
        select(*columns)
        .where(entries.sequence >= start, entries.act != ERASE)
        .order_by(entries.sequence)
        .execution_options(yield_per=_ROWS)
    )
    schema = pa.schema([(name, pa.string()) for name in _COLUMNS])
    for rows in connection.execute(statement).partitions():
        arrays = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
        yield pa.Table.from_arrays(arrays, schema=schema)


def _count(con: DuckDBPyConnection, query: str, values: list[object]) -> int:
    [(count,)] = con.execute(query, values).fetchall()
    return int(count)
