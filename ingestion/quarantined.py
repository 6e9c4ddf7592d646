"""Whose a row is that was set aside: its text is all there is of it."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from contract.entity import Entity
from contract.suppression import Kind, Suppressions, identifying_columns
from ingestion.errors import FileRefused
from ingestion.feed import Feed
from ingestion.text_rows import csv_header

_TOKEN = re.compile(r"[^\s\"',;|<>{}\[\]()=&?:]+")
_SPACED_NUMBER = re.compile(r"\+?\d[\d .\-/]{6,20}\d")
_ADDRESSES: tuple[Kind, ...] = ("email", "phone")


def holds_address(text: str, suppressions: Suppressions) -> bool:
    """Whether a word of the text, or a number written with spaces, is an erased person's address.

    An address is nobody else's wherever it stands; a key is looked for in its own field only.
    """
    words = {*_TOKEN.findall(text), *_SPACED_NUMBER.findall(text)}
    return any(suppressions.forgotten_since(_ADDRESSES, word, "") for word in words)


@dataclass(frozen=True)
class Field:
    """What tells whose a row is: columns of the file, joined by '-', and what they may be."""

    columns: tuple[str, ...]
    kinds: tuple[Kind, ...]
    system: str


@dataclass(frozen=True)
class Reader:
    """Reads the keys of people out of the texts of one feed's rows.

    header: columns of its file, where it is a CSV that can still be read.
    """

    owner: Field | None
    fields: tuple[Field, ...]
    separator: str = ","
    header: tuple[str, ...] = ()

    @staticmethod
    def of_file(entity: Entity, feed: Feed, path: Path) -> Reader:
        """By the columns that the feed reads, and the header of the file while it is there."""
        named = {rule.name: rule.sources for rule in feed.rules if rule.sources}
        owner, fields = _fields(entity, feed, named)
        reader = Reader(owner, fields, feed.reading.separator)
        if feed.reading.kind != "csv":
            return reader
        with suppress(OSError, FileRefused, UnicodeError, csv.Error):
            return replace(reader, header=csv_header(path, feed.reading))
        return reader

    @staticmethod
    def of_typed_rows(entity: Entity, feed: Feed) -> Reader:
        """By the entity's own columns: rows that were read and then judged."""
        owner, fields = _fields(entity, feed, {name: (name,) for name in entity.column_names})
        return Reader(owner, fields)

    def holds_key(self, text: str, suppressions: Suppressions) -> bool:
        """Whether a field of the row holds a key, card or device of somebody erased."""
        return any(
            suppressions.forgotten_since(field.kinds, value, field.system)
            for field in self.fields
            for value in self._values(text, field)
        )

    def is_of_somebody_else(self, text: str, suppressions: Suppressions) -> bool:
        """Whether the row is under the key of a person who asked for nothing."""
        return self.owner is not None and any(
            suppressions.is_of_somebody_else(self.owner.system, value)
            for value in self._values(text, self.owner)
        )

    def _values(self, text: str, field: Field) -> Iterator[str]:
        if text.lstrip().startswith("{"):
            yield from _members(text, field.columns)
            return
        cells = next(csv.reader([text], delimiter=self.separator), [])
        if not self.header:
            yield from cells
            return
        # With a cell too many, those after the fault keep their place from the end.
        for shift in {0, max(len(cells) - len(self.header), 0)}:
            places = [self.header.index(name) + shift for name in field.columns
                      if name in self.header]  # fmt: skip
            if places and all(0 <= place < len(cells) for place in places):
                yield "-".join(cells[place] for place in places)


def _fields(
    entity: Entity, feed: Feed, named: dict[str, tuple[str, ...]]
) -> tuple[Field | None, tuple[Field, ...]]:
    """The field of the row's owner, and all fields that tell whose the row is."""
    found: dict[str, Field] = {}
    for name, kinds in identifying_columns(entity).items():
        system = feed.key_system("customer") if name == "customer_key" else feed.system
        if name in named:
            found[name] = Field(named[name], kinds, system)
    return found.get("customer_key"), tuple(found.values())


def _members(text: str, paths: Sequence[str]) -> Iterator[str]:
    """The values at dotted paths of JSON, joined; of a line that broke off, whatever has the name.

    Nothing says any more to which of two objects a member belonged.
    """
    try:
        content = json.loads(text)
    except ValueError:
        for path in paths:
            name = re.escape(path.split(".")[-1])
            yield from re.findall(rf'"{name}"\s*:\s*"?([^",}}\]]+)', text)
        return
    found = [_at(content, path.split(".")) for path in paths]
    if None not in found:
        yield "-".join(str(value) for value in found)


def _at(content: Any, steps: Sequence[str]) -> Any:
    """Names may have dots themselves: the longest that is there comes first."""
    if isinstance(content, str) and steps:
        try:
            content = json.loads(content)
        except ValueError:
            return None
    if not steps:
        return content
    if not isinstance(content, dict):
        return None
    for count in range(len(steps), 0, -1):
        name = ".".join(steps[:count])
        if name in content:
            return _at(content[name], steps[count:])
    return None
