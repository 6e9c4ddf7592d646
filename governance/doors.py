"""The doors through which people say yes and no, as the warehouse holds what they said.

A door is a staged table and the columns that say who acted, on what, how and when.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Said:
    """One act as a source states it. customer_system: whose key customer_key is. Times in UTC."""

    door: str
    source_system: str
    source_key: str
    customer_system: str | None
    customer_key: str | None
    address: str | None
    channel: str
    purpose: str
    act: str
    occurred_at: datetime
    known_at: datetime | None
    through: str | None = None
    wording_key: str | None = None
    proof: str | None = None


@dataclass(frozen=True)
class Door:
    """name: the intake; relations: where it is read, the first that exists; the rest is SQL."""

    name: str
    relations: tuple[str, ...]
    act: str
    occurred_at: str
    address: str = "address"
    channel: str = "channel"
    purpose: str = "'marketing'"
    through: str = "null"
    wording_key: str = "null"
    proof: str = "null"
    where: str = "true"


DOORS = (
    Door(
        "objections",
        # The united model once several systems state objections; the files' own view before.
        ("intermediate.int_objections__united", "staging.stg_files__objections"),
        act="'object'",
        occurred_at="objected_at",
        purpose="purpose",
    ),
    Door(
        "consent_events",
        ("staging.stg_files__consent_events",),
        act="act",
        occurred_at="occurred_at",
        purpose="purpose",
        through="door",
        wording_key="wording_key",
        proof="proof",
    ),
    # Who unsubscribes takes the yes back; who complains of spam objects.
    Door(
        "message_events",
        ("staging.stg_files__message_events",),
        act="case event_type when 'complained' then 'object' else 'withdraw' end",
        occurred_at="occurred_at",
        through="'message'",
        where="event_type in ('unsubscribed', 'complained') and channel in ('email', 'sms')",
    ),
    # A channel switched off. Switched on it is a wish, and no proof of a yes.
    Door(
        "preference_updates",
        ("staging.stg_files__preference_updates",),
        act="'withdraw'",
        occurred_at="occurred_at",
        address="case when name = 'email' then email end",
        channel="name",
        through="'preference_centre'",
        where="kind = 'channel' and lower(value) = 'no'"
        " and name in ('post', 'email', 'sms', 'phone', 'all')",
    ),
)
BATCH = 1_000  # acts that become one transaction of the ledger
_FIELDS = ("address", "channel", "purpose", "act", "occurred_at", "through", "wording_key", "proof")


def count_said(con: DuckDBPyConnection, door: Door) -> int:
    """How many acts a door holds."""
    relation = _relation(con, door)
    if relation is None:
        return 0
    [(count,)] = con.execute(f"select count(*) from {relation} where {door.where}").fetchall()
    return int(count)


def heard(con: DuckDBPyConnection, door: Door, *, known: str) -> Iterator[list[Said]]:
    """What was said through a door and is not known yet, in the order of its source keys.

    known: the table whose `entry_id` are those of the ledger. An act is known when its first entry
    is; its entries are always appended together. Yields at most a batch at a time.
    """
    relation = _relation(con, door)
    if relation is None:
        return
    # Tables from before key spaces were known: a key belongs to the system that states it.
    columns = _columns(con, relation)
    space = "customer_system" if "customer_system" in columns else "source_system"
    listed = ", ".join(f"{getattr(door, name)} as {name}" for name in _FIELDS)
    # As governance.ledger.entry_id makes it.
    first_id = (
        f"'e_' || left(sha256('{door.name}:' || said.source_system || '|' || said.source_key"
        " || '|0'), 32)"
    )
    cursor = con.execute(
        f"select '{door.name}' as door, source_system, source_key, {space} as customer_system,"
        f" customer_key, known_at, {listed} from {relation} as said where {door.where}"
        f" and not exists (select 1 from {known} as known where known.entry_id = {first_id})"
        " order by source_system, source_key"
    )
    names = [column[0] for column in cursor.description]
    while rows := cursor.fetchmany(BATCH):
        yield [Said(**dict(zip(names, row, strict=True))) for row in rows]


def _relation(con: DuckDBPyConnection, door: Door) -> str | None:
    return next((name for name in door.relations if _columns(con, name)), None)


def _columns(con: DuckDBPyConnection, relation: str) -> set[str]:
    schema, _, table = relation.partition(".")
    rows = con.execute(
        "select column_name from information_schema.columns"
        " where table_schema = ? and table_name = ?",
        [schema, table],
    ).fetchall()
    return {name for (name,) in rows}
