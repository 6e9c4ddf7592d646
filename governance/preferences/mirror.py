"""The centre's events, copied into the warehouse for the models that read preferences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
from sqlalchemy import select

from contract.sql import transaction
from governance.preferences.tables import preference_events

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from sqlalchemy import Engine

TABLE = "raw_state.preference_events"
_TEXTS = ("event_id", "source_system", "customer_key", "kind", "name", "value")
_TIMES = ("occurred_at", "recorded_at")
_SCHEMA = pa.schema(
    [(name, pa.string()) for name in _TEXTS] + [(name, pa.timestamp("us")) for name in _TIMES]
)


def copy_events(engine: Engine, con: DuckDBPyConnection) -> int:
    """Make the table equal to the state database's, in one transaction; how many events.

    Nothing is written when both already hold the same events.
    """
    with engine.connect() as connection:
        events = [dict(row) for row in connection.execute(select(preference_events)).mappings()]
    typed = ", ".join(
        [f"{name} varchar" for name in _TEXTS] + [f"{name} timestamp" for name in _TIMES]
    )
    con.execute("create schema if not exists raw_state")
    con.execute(f"create table if not exists {TABLE} ({typed})")
    copied = con.execute(f"select event_id from {TABLE}").fetchall()
    if {event["event_id"] for event in events} == {event_id for (event_id,) in copied}:
        return len(events)
    con.register("centre_events", pa.Table.from_pylist(events, schema=_SCHEMA))
    with transaction(con):
        con.execute(f"delete from {TABLE}")
        con.execute(f"insert into {TABLE} by name from centre_events")
    con.unregister("centre_events")
    return len(events)
