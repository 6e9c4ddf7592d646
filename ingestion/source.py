"""What a connected system is: its tables, the settings it needs, and how its pages are read."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class SourceTable:
    """One table, or one kind of record, of a system.

    cursor: the column that grows with every change, by which later reads begin; without it the
    whole table is read each time. lag: how far before the last cursor the next read begins, for
    rows that became visible late. key: the columns that tell its rows apart. finds_deletes: rows
    may disappear, and the reader lists the keys that are there.
    """

    name: str
    cursor: str | None = None
    lag: timedelta = timedelta(hours=1)
    key: tuple[str, ...] = ()
    finds_deletes: bool = False


class Reader(Protocol):
    """One connection to a system, for one extraction. Methods raise SourceUnavailable."""

    def pages(
        self, table: SourceTable, since: datetime | None
    ) -> "Iterator[pa.Table | list[dict[str, Any]]]":
        """Rows whose cursor is at or after `since` (naive UTC), all without it.

        Lists of dictionaries may lack keys; nested values become JSON text. Raises ContractBroken.
        """

    def count(self, table: SourceTable, since: datetime | None) -> int | None:
        """How many rows the system itself counts there; None when it does not say."""

    def keys(self, table: SourceTable) -> "Iterator[pa.Table]":
        """The keys that are there now; only asked where the table finds_deletes."""

    def close(self) -> None:
        """Leave the system."""


@runtime_checkable
class HasHorizon(Protocol):
    """A reader that knows since when changes may still be under way."""

    def horizon(self) -> datetime | None:
        """No row that becomes visible later has a cursor before this time (naive UTC)."""


Connect = Callable[[Mapping[str, str]], Reader]


@dataclass(frozen=True)
class Source:
    """A system that is read: found as SOURCE in ingestion/sources/<system>.py.

    settings: names of what it needs, in lower case without HABITUE_ (shop_url); all are required.
    connect is given them by name. Nothing is opened before.
    """

    system: str
    settings: tuple[str, ...]
    tables: tuple[SourceTable, ...]
    connect: Connect
