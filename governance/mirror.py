"""The ledger's entries, copied into the warehouse for the models that read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
from sqlalchemy import select

from contract.sql import transaction
from governance.tables import consent_entries

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from sqlalchemy import Engine

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
}
_ARROW = {"varchar": pa.string(), "timestamp": pa.timestamp("us")}
_SCHEMA = pa.schema([(name, _ARROW[kind]) for name, kind in _COLUMNS.items()])


def copy_entries(engine: Engine, con: DuckDBPyConnection) -> int:
    """Make raw_state.consent_entries equal to the ledger, in one transaction; how many entries.

    Nothing is written when both already hold the same entries.
    """
    columns = [consent_entries.c[name] for name in _COLUMNS]
    with engine.connect() as connection:
        entries = [dict(row) for row in connection.execute(select(*columns)).mappings()]
    typed = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
    con.execute("create schema if not exists raw_state")
    con.execute(f"create table if not exists raw_state.consent_entries ({typed})")
    copied = con.execute("select entry_id from raw_state.consent_entries").fetchall()
    if {entry["entry_id"] for entry in entries} == {entry_id for (entry_id,) in copied}:
        return len(entries)
    con.register("ledger_entries", pa.Table.from_pylist(entries, schema=_SCHEMA))
    with transaction(con):
        con.execute("delete from raw_state.consent_entries")
        con.execute("insert into raw_state.consent_entries from ledger_entries")
    con.unregister("ledger_entries")
    return len(entries)
