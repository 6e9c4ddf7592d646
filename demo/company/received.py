"""Which messages reached the make-believe people since the last day that they lived.

The tool on loopback keeps every effect that it acknowledged, in order; a day takes those that came
since the day before it. What a day took is written down before the day is lived: a day that was
cut short takes the same messages when it is lived again.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from demo.world.facts import Received

_SINCE = """
select rowid, idempotency_key, campaign, customer_key, row_json from effects
where effect <> 'remove' and rowid > ? and rowid <= ? order by rowid
"""
_POSTED_AT = time(6)  # UTC: what is acknowledged by night is read the same day


@dataclass(frozen=True)
class Window:
    """The effects (by number) that one day takes: after `since`, up to `until`."""

    day: str
    since: int
    until: int


def take(home: Path, day: date) -> list[Received]:
    """The messages for this day, written down as taken."""
    database = home / "demo" / "tool.db"
    if not database.exists():
        return []
    path = home / "demo" / "received.json"
    with closing(sqlite3.connect(database)) as con:
        last = con.execute("select coalesce(max(rowid), 0) from effects").fetchone()[0]
        window = _window(path, day, last)
        rows = con.execute(_SINCE, (window.since, window.until)).fetchall()
    return [_received(day, *row[1:]) for row in rows]


def _window(path: Path, day: date, last: int) -> Window:
    known = Window(**json.loads(path.read_text())) if path.exists() else Window("", 0, 0)
    if known.day == day.isoformat():
        return known
    window = Window(day.isoformat(), known.until, last)
    partial = path.with_suffix(".part")
    partial.write_text(json.dumps(vars(window)))
    partial.replace(path)
    return window


def _received(day: date, key: str, campaign: str, customer_key: str, row: str) -> Received:
    from demo.world.facts import Received

    values: dict[str, Any] = json.loads(row)
    email = values.get("email")
    return Received(
        channel="email" if email else "post",
        address=str(email or values.get("address_line") or ""),
        customer_key=customer_key,
        system=str(values.get("source_system") or ""),
        campaign=campaign,
        message_key=key,
        sent_at=datetime.combine(day, _POSTED_AT),
        offer="percent" if values.get("offer_code") else "none",
    )
