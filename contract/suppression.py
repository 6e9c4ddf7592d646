"""Who asked to be forgotten, as keyed hashes: enough to recognise a row, not to name anybody.

Each is forgotten for what happened before its day: a new account that the same person opens later
with the same address is a new relation. Whoever asked to be erased is forgotten for ever under the
keys of the records held then (FOR_EVER).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from contract.entity import Entity
from contract.normalisation import address_hash, keyed_hash

Kind = Literal["record", "email", "phone", "post", "card", "handle", "visitor"]
KINDS: tuple[Kind, ...] = ("record", "email", "phone", "post", "card", "handle", "visitor")

# Column of an entity → the kinds that its value may be.
_COLUMN_KINDS: Mapping[str, tuple[Kind, ...]] = {
    "customer_key": ("record",),
    "email": ("email",),
    "phone": ("phone",),
    "address": ("email", "phone", "post"),
    "loyalty_card_key": ("card",),
    "handle": ("handle",),
    "anonymous_id": ("visitor",),
}
# Later than every event, as DuckDB and SQLite can still write it.
FOR_EVER = datetime.fromisoformat("9999-12-31")
# Not a kind of value: a record of somebody else, whose rows hold a value of a forgotten person.
OTHER = "other"
# Kinds whose value means something in one system only.
OF_A_SYSTEM = frozenset({"record", "visitor"})


def hash_of(
    kind: Kind, value: str | None, key: bytes, *, system: str = "", country: str | None = "FR"
) -> str | None:
    """The keyed hash by which a value is recognised again; None when it is no value of its kind."""
    if value is None or not value.strip():
        return None
    if kind in {"email", "phone", "post"}:
        return address_hash(kind, value, key, country)
    text = value.strip().lower() if kind == "handle" else value.strip()
    return keyed_hash(kind, f"{system}:{text}" if kind in OF_A_SYSTEM else text, key)


def other_hash(system: str, customer_key: str, key: bytes) -> tuple[str, str]:
    """What is noted of a record whose rows stay, without the values of the forgotten person."""
    return OTHER, hash_of("record", customer_key, key, system=system) or ""


def row_hash(system: str, table: str, key_texts: Iterable[str], key: bytes) -> str:
    """The keyed hash of a row's own key at its source, to know that it is left out on purpose."""
    return keyed_hash("row", "|".join([system, table, *key_texts]), key)


def identifying_columns(entity: Entity) -> dict[str, tuple[Kind, ...]]:
    """Columns of the entity that say whose a row is, with the kinds that they may hold."""
    return {name: _COLUMN_KINDS[name] for name in entity.column_names if name in _COLUMN_KINDS}


@dataclass(frozen=True)
class Suppressions:
    """(kind, keyed hash) → before which time it is forgotten, naive UTC. Empty: nothing is done."""

    since: Mapping[tuple[str, str], datetime] = field(default_factory=dict)
    key: bytes = field(default=b"", repr=False)

    def __bool__(self) -> bool:
        return bool(self.since)

    def forgotten_since(self, kinds: Iterable[Kind], value: str, system: str) -> datetime | None:
        """Before which time this value is forgotten; None: it is not."""
        for kind in kinds:
            found = self.since.get((kind, hash_of(kind, value, self.key, system=system) or ""))
            if found is not None:
                return found
        return None

    def forgotten_among(
        self, kinds: Iterable[Kind], values: Iterable[tuple[str, str | None]]
    ) -> list[tuple[str, str | None]]:
        """Those of these (value, system) that are an erased person's."""
        asked = tuple(kinds)
        return [
            (value, system)
            for value, system in values
            if self.forgotten_since(asked, value, system or "") is not None
        ]

    def is_of_somebody_else(self, system: str, customer_key: str) -> bool:
        """Whether a row under this key is about a person who is known and asked for nothing."""
        other = other_hash(system, customer_key, self.key)
        return other in self.since and ("record", other[1]) not in self.since
