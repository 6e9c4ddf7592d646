"""What a declaration says, once read: systems, their feeds, and how the text of a file is meant."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ingestion.column_rules import ColumnRule

FileKind = Literal["parquet", "csv", "jsonl", "yaml"]

# The element of an exploded array, as `from` names it, and its place in the array, from 1.
ITEM, ITEM_POSITION = "item", "item_position"


@dataclass(frozen=True)
class Reading:
    """How the text of a file is to be understood.

    decimal and thousands are the marks in numbers, date_format is strptime's (ISO when empty),
    time_zone is the one of timestamps without a mark, nulls lists the texts that mean nothing.
    settle_seconds: how long a file without a manifest must have been left alone.
    """

    kind: FileKind
    encoding: str = "utf-8"
    separator: str = ","
    decimal: str = "."
    thousands: str = ""
    date_format: str | None = None
    time_zone: str = "UTC"
    nulls: tuple[str, ...] = ()
    settle_seconds: int = 5


@dataclass(frozen=True)
class RowTest:
    """A row belongs to the feed when the source column holds one of the texts.

    values is None for the test `is_missing`, which holds when the column is empty (or is not,
    when is_missing is false).
    """

    column: str
    values: tuple[str, ...] | None = None
    is_missing: bool = False


@dataclass(frozen=True)
class Feed:
    """One file pattern of a system and the entity it feeds, column by column.

    only_when: rows that fail one of these tests belong to other feeds. explode names the JSON
    array of which every element is a row. deletes: its rows are keys that the source took out.
    key_systems: kind of key to the system whose keys the file uses, where it is another one.
    """

    name: str
    system: str
    folder: str
    entity: str
    pattern: str
    reading: Reading
    rules: tuple[ColumnRule, ...]
    known_at: ColumnRule | None
    needs_manifest: bool
    cadence_days: int
    only_when: tuple[RowTest, ...] = ()
    explode: str | None = None
    deletes: bool = False
    key_systems: Mapping[str, str] = field(default_factory=dict)

    @property
    def glob(self) -> str:
        """The pattern with its month open."""
        return self.pattern.replace("{month}", "[0-9][0-9][0-9][0-9]-[0-9][0-9]")

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Every source column some rule or test needs, once, in the order of the declaration."""
        rules = (*self.rules, *([self.known_at] if self.known_at else ()))
        names = [name for rule in rules for name in rule.columns_read]
        return tuple(dict.fromkeys([*names, *(test.column for test in self.only_when)]))

    @property
    def digest(self) -> str:
        """Changes when anything that decides what a row becomes changes."""
        rows: tuple[Any, ...] = (self.only_when, self.explode, self.deletes)
        spaces = tuple(sorted(self.key_systems.items()))
        meaning = repr((self.entity, self.reading, self.rules, self.known_at, rows, spaces))
        return hashlib.sha256(meaning.encode()).hexdigest()[:16]

    def key_system(self, kind: str) -> str:
        """The system whose keys the `<kind>_key` column of this feed holds."""
        return self.key_systems.get(kind, self.system)

    def month_of(self, file_name: str) -> str | None:
        """The YYYY-MM in the name of a file, None when the pattern has no month."""
        if "{month}" not in self.pattern:
            return None
        before, after = self.pattern.split("{month}", 1)
        open_pattern = f"{_as_regex(before)}(\\d{{4}}-\\d{{2}}){_as_regex(after)}"
        found = re.fullmatch(open_pattern, file_name)
        return found.group(1) if found else None


@dataclass(frozen=True)
class Declaration:
    """One source system: who answers for it, where its files land and what each of them feeds.

    tells_all: a delivery that leaves a file out had nothing new for it.
    """

    system: str
    description: str
    owner: str
    folder: str
    cadence_days: int
    feeds: tuple[Feed, ...]
    tells_all: bool = False


def _as_regex(glob: str) -> str:
    return re.escape(glob).replace(r"\*", ".*").replace(r"\?", ".")
