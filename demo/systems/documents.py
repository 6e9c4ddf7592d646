"""What a system behind an API keeps: JSON documents in one SQLite file, by kind and key.

Recorders write a period of facts in one transaction, once; fakes read pages of it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from demo.world.facts import Facts, Period

_SCHEMA = """
create table if not exists documents (
    number integer primary key, kind text not null, key text not null, parent text not null,
    changed_at text not null, body text not null, unique (kind, key)
);
create index if not exists documents_by_change on documents (kind, changed_at, number);
create index if not exists documents_by_parent on documents (kind, parent);
create table if not exists periods (first_day text primary key, last_day text not null);
"""
_EVENING = time(22)
_MOST_VALUES = 10_000  # SQLite takes 32,766 in one statement


@dataclass(frozen=True)
class Document:
    """One record. number tells the order in which records were made; changed_at is ISO, UTC."""

    key: str
    changed_at: str
    body: dict[str, Any]
    number: int = 0
    parent: str = ""


@dataclass(frozen=True)
class Span:
    """Documents changed from `since` on and before `until` (ISO, UTC; empty: open)."""

    since: str = ""
    until: str = ""


EVER = Span()


class Documents:
    """The store of one system. Safe to use from several threads: each call has its connection."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        with self.open() as connection:
            connection.executescript(_SCHEMA)

    @contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        """A connection whose changes are kept if the block ends well."""
        connection = sqlite3.connect(self.path, timeout=30)
        try:
            with connection:
                yield connection
        finally:
            connection.close()

    def record(self, period: Period, documents: dict[str, list[Document]]) -> bool:
        """Keep the documents of a period, by kind; False when the period is there already."""
        with self.open() as connection:
            new = connection.execute(
                "insert or ignore into periods values (?, ?)",
                (period.first_day.isoformat(), period.last_day.isoformat()),
            )
            if new.rowcount == 0:
                return False
            for kind, found in documents.items():
                put(connection, kind, found)
        return True

    def has(self, period: Period) -> bool:
        """Whether the period was recorded."""
        with self.open() as connection:
            day = period.first_day.isoformat()
            found = connection.execute("select 1 from periods where first_day = ?", (day,))
            return found.fetchone() is not None

    def now(self) -> str:
        """The system's clock: the last evening that it knows of, since a demo's days are not ours.

        The clock of the machine while no period is recorded.
        """
        with self.open() as connection:
            last = connection.execute("select max(last_day) from periods").fetchone()[0]
        if last is None:
            return iso(datetime.now(UTC).replace(tzinfo=None))
        return iso(datetime.combine(date.fromisoformat(last), _EVENING))

    def after(self, kind: str, number: int, limit: int) -> list[Document]:
        """The next documents in the order in which they were made."""
        return self._select("kind = ? and number > ? order by number limit ?", kind, number, limit)

    def changed(self, kind: str, span: Span, offset: int, limit: int) -> list[Document]:
        """Documents changed in the span, oldest change first."""
        return self._select(
            "kind = ? and changed_at >= ? and changed_at < ? "
            "order by changed_at, number limit ? offset ?",
            kind, span.since, span.until or "9", limit, offset,
        )  # fmt: skip

    def beyond(self, kind: str, at: str, number: int, limit: int) -> list[Document]:
        """Documents that changed later than this one, oldest change first."""
        return self._select(
            "kind = ? and (changed_at, number) > (?, ?) order by changed_at, number limit ?",
            kind, at, number, limit,
        )  # fmt: skip

    def changed_after(self, kind: str, span: Span, number: int, limit: int) -> list[Document]:
        """Documents changed in the span, in the order in which they were made, after a number."""
        return self._select(
            "kind = ? and changed_at >= ? and changed_at < ? and number > ? "
            "order by number limit ?",
            kind, span.since, span.until or "9", number, limit,
        )  # fmt: skip

    def made(self, kind: str, span: Span, page: range, *, newest_first: bool) -> list[Document]:
        """A page (by position) of those changed in the span, in the order of their making."""
        return self._select(
            "kind = ? and changed_at >= ? and changed_at < ? "
            f"order by number {'desc' if newest_first else 'asc'} limit ? offset ?",
            kind, span.since, span.until or "9", len(page), page.start,
        )  # fmt: skip

    def children(self, kind: str, parents: Sequence[str]) -> list[Document]:
        """Documents of these parents, in the order in which they were made."""
        marks = ", ".join("?" * len(parents))
        return self._select(f"kind = ? and parent in ({marks}) order by number", kind, *parents)

    def by_key(self, kind: str, keys: Sequence[str]) -> dict[str, Document]:
        """The documents that exist among these keys."""
        found: dict[str, Document] = {}
        for start in range(0, len(keys), _MOST_VALUES):
            some = keys[start : start + _MOST_VALUES]
            marks = ", ".join("?" * len(some))
            rows = self._select(f"kind = ? and key in ({marks})", kind, *some)
            found |= {document.key: document for document in rows}
        return found

    def count(self, kind: str, span: Span = EVER) -> int:
        """How many documents of the kind changed in the span."""
        with self.open() as connection:
            found = connection.execute(
                "select count(*) from documents "
                "where kind = ? and changed_at >= ? and changed_at < ?",
                (kind, span.since, span.until or "9"),
            )
            return int(found.fetchone()[0])

    def put(self, kind: str, *documents: Document) -> None:
        """Keep documents outside of any period: what a caller asked the system to keep."""
        with self.open() as connection:
            put(connection, kind, documents)

    def remove(self, kind: str, key: str) -> bool:
        """Forget a document; whether it was there."""
        with self.open() as connection:
            gone = connection.execute(
                "delete from documents where kind = ? and key = ?", (kind, key)
            )
            return gone.rowcount > 0

    def _select(self, condition: str, *values: Any) -> list[Document]:
        with self.open() as connection:
            rows = connection.execute(
                "select key, changed_at, body, number, parent from documents where " + condition,
                values,
            ).fetchall()
        return [Document(key, at, json.loads(body), *rest) for key, at, body, *rest in rows]


def put(connection: sqlite3.Connection, kind: str, documents: Iterable[Document]) -> None:
    """Add documents or change them; the same content again leaves the time of change alone."""
    connection.executemany(
        "insert into documents (kind, key, parent, changed_at, body) values (?, ?, ?, ?, ?) "
        "on conflict (kind, key) do update "
        "set parent = excluded.parent, changed_at = excluded.changed_at, body = excluded.body "
        "where body <> excluded.body",
        (
            (kind, one.key, one.parent, one.changed_at, json.dumps(one.body, ensure_ascii=False))
            for one in documents
        ),
    )


def facts_of(facts: Facts, entity: str, system: str) -> list[dict[str, Any]]:
    """The facts of one entity that this system records, as dicts."""
    import pyarrow.compute as pc

    if entity not in facts:
        return []
    table = facts[entity]
    found: list[dict[str, Any]] = table.filter(pc.equal(table["system"], system)).to_pylist()
    return found


def recorded_at(happened_at: datetime | None, period: Period) -> str:
    """When the system wrote it down: as it happened, or the last evening of the period.

    What is told late, or changed at an unknown time, must not get a time that was read before.
    """
    if happened_at is not None:
        day = happened_at.date()
        if day <= period.last_day and (period.is_history or day >= period.first_day):
            return iso(happened_at)
    return iso(datetime.combine(period.last_day, _EVENING))


def iso(moment: datetime) -> str:
    """2026-05-01T10:00:00.000Z of a naive UTC time."""
    return moment.replace(tzinfo=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def as_text(value: Any) -> str | None:
    """A value as most APIs write it: text, ISO times, true and false."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
