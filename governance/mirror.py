"""The ledger's entries, copied into the warehouse for the models that read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

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


def copy_entries(engine: Engine, con: DuckDBPyConnection) -> int:
    """Make raw_state.consent_entries equal to the ledger, in one transaction; how many entries.

    Nothing is written when both already hold the same entries.
    """
    columns = [consent_entries.c[name] for name in _COLUMNS]
    with engine.connect() as connection:
        entries = [tuple(row) for row in connection.execute(select(*columns))]
    typed = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
    con.execute("create schema if not exists raw_state")
    con.execute(f"create table if not exists raw_state.consent_entries ({typed})")
    copied = con.execute("select entry_id from raw_state.consent_entries").fetchall()
    if {entry[0] for entry in entries} == {entry_id for (entry_id,) in copied}:
        return len(entries)
    with transaction(con):
        con.execute("delete from raw_state.consent_entries")
        if entries:
            marks = ", ".join("?" for _ in _COLUMNS)
            con.executemany(f"insert into raw_state.consent_entries values ({marks})", entries)
    return len(entries)
