"""The doors through which people say yes and no, as the warehouse holds what they said.

A door is a staged table and the columns that say who acted, on what, how and when.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

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
_FIELDS = ("address", "channel", "purpose", "act", "occurred_at", "through", "wording_key", "proof")


def heard(con: DuckDBPyConnection, door: Door) -> Iterator[Said]:
    """Everything that was said through a door, in the order of its source keys."""
    relation = next((name for name in door.relations if _columns(con, name)), None)
    if relation is None:
        return
    # Tables from before key spaces were known: a key belongs to the system that states it.
    known = _columns(con, relation)
    space = "customer_system" if "customer_system" in known else "source_system"
    listed = ", ".join(f"{getattr(door, name)} as {name}" for name in _FIELDS)
    cursor = con.execute(
        f"select '{door.name}' as door, source_system, source_key, {space} as customer_system,"
        f" customer_key, known_at, {listed} from {relation} where {door.where}"
        " order by source_system, source_key"
    )
    names = [column[0] for column in cursor.description]
    for row in cursor.fetchall():
        values: dict[str, Any] = dict(zip(names, row, strict=True))
        yield Said(**values)


def _columns(con: DuckDBPyConnection, relation: str) -> set[str]:
    schema, _, table = relation.partition(".")
    rows = con.execute(
        "select column_name from information_schema.columns"
        " where table_schema = ? and table_name = ?",
        [schema, table],
    ).fetchall()
    return {name for (name,) in rows}
