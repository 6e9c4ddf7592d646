"""The suppression list in the state database: read for every load, written by every erasure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

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
    """Add (kind, keyed hash) pairs; those that are there keep their first day. How many are new.

    Whoever asked is forgotten for ever under their records' keys; who merely was silent too long
    (reason retention) may come back with what happens later.
    """
    wanted = set(hashes)
    known = {
        (row.kind, row.keyed_hash)
        for row in connection.execute(select(suppressions.c.kind, suppressions.c.keyed_hash))
    }
    rows = [
        {
            "kind": kind,
            "keyed_hash": keyed_hash,
            "since": FOR_EVER if kind == "record" and reason != RETENTION else now,
            "reason": reason,
        }
        for kind, keyed_hash in sorted(wanted - known)
    ]
    if rows:
        connection.execute(insert(suppressions), rows)
    return len(rows)
