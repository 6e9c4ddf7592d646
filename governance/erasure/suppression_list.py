"""The suppression list in the state database: read for every load, written by every erasure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from contract.suppression import FOR_EVER, Suppressions
from governance.erasure.tables import suppressions

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

RETENTION = "retention"


def read_suppressions(engine: Engine, key: bytes) -> Suppressions:
    """The whole list, with the key that its hashes were made with."""
    columns = (suppressions.c.kind, suppressions.c.keyed_hash, suppressions.c.since)
    with engine.connect() as connection:
        found = {
            (row.kind, row.keyed_hash): row.since for row in connection.execute(select(*columns))
        }
    return Suppressions(found, key)


def suppress(
    connection: Connection, hashes: Iterable[tuple[str, str]], *, now: datetime, reason: str
) -> int:
    """Add (kind, keyed hash) pairs, or let what is known count from a later day; how many are new.

    Whoever asked is forgotten for ever under their records' keys; who merely was silent too long
    (reason retention) may come back with what happens later.
    """
    columns = suppressions.c
    known = {
        (row.kind, row.keyed_hash): row.since
        for row in connection.execute(select(columns.kind, columns.keyed_hash, columns.since))
    }
    rows = [
        {"kind": kind, "keyed_hash": digest, "since": _since(kind, now, reason), "reason": reason}
        for kind, digest in sorted(set(hashes))
    ]
    fresh = [row for row in rows if (row["kind"], row["keyed_hash"]) not in known]
    if fresh:
        connection.execute(insert(suppressions), fresh)
    for row in rows:
        before = known.get((row["kind"], row["keyed_hash"]))
        if before is not None and before < row["since"]:
            mine = (columns.kind == row["kind"]) & (columns.keyed_hash == row["keyed_hash"])
            later = {"since": row["since"], "reason": reason}
            connection.execute(update(suppressions).where(mine).values(later))
    return len(fresh)


def note(engine: Engine, hashes: Iterable[tuple[str, str]], *, now: datetime, reason: str) -> int:
    """The same in a transaction of its own."""
    with engine.begin() as connection:
        return suppress(connection, hashes, now=now, reason=reason)


def _since(kind: str, now: datetime, reason: str) -> datetime:
    return FOR_EVER if kind == "record" and reason != RETENTION else now
