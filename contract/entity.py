"""The canonical entities, read from contract/entities/*.yml: what a source may feed."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import yaml

from contract.errors import ConfigError, did_you_mean

ENTITIES_FOLDER = Path(__file__).parent / "entities"

Changes = Literal["versioned", "immutable"]
Privacy = Literal["public", "quasi", "direct"]
WhenErased = Literal["drop", "empty"]

# Kinds of key that one system gives out and others use: the `<kind>_key` columns.
KEY_SPACES = ("customer", "product", "store", "campaign", "order", "message", "cart", "coupon")

_SQL_TYPES = {
    "text": "varchar",
    "integer": "bigint",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
}
# The one in C reads ten times as fast, and every step reads the entities.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DECIMAL = re.compile(r"^decimal\((\d{1,2}),(\d{1,2})\)$")
_NAME = re.compile(r"^[a-z][a-z0-9_]*$")
_ENTITY_KEYS = {"description", "changes", "key", "happened_at", "when_erased", "columns"}
_COLUMN_KEYS = {"type", "required", "privacy", "description", "domain", "at_least"}
_PRIVACIES = {"public", "quasi", "direct"}


@dataclass(frozen=True)
class Column:
    """One column of a canonical entity.

    type is text, integer, boolean, date, timestamp (UTC, without a zone) or decimal(p,s).
    domain lists the only values allowed, at_least the smallest number allowed.
    """

    name: str
    type: str
    description: str
    privacy: Privacy
    required: bool = False
    domain: tuple[str, ...] = ()
    at_least: int | None = None

    @property
    def sql_type(self) -> str:
        """The type as DuckDB writes it."""
        return _SQL_TYPES.get(self.type, self.type)


@dataclass(frozen=True)
class Entity:
    """One canonical entity: columns in order, the source's own key, and how it changes.

    versioned: a new content under a known key is a new version; immutable: it is an error.
    happened_at names the column with the event's own time, None when it has none.
    when_erased: what becomes of a row about somebody who was erased: it goes (drop), or it stays
    without its direct identifiers (empty), because it is about money and the books must add up.
    """

    name: str
    description: str
    changes: Changes
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    happened_at: str | None = None
    when_erased: WhenErased = "drop"

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the columns, in the order of the file."""
        return tuple(column.name for column in self.columns)

    @property
    def direct_columns(self) -> tuple[str, ...]:
        """Columns that name a person by themselves."""
        return tuple(column.name for column in self.columns if column.privacy == "direct")

    @property
    def key_spaces(self) -> tuple[str, ...]:
        """Kinds of key among its columns that may be another system's: customer, product, …"""
        return tuple(kind for kind in KEY_SPACES if f"{kind}_key" in self.column_names)

    def column(self, name: str) -> Column:
        """The column of that name. Raises ConfigError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        hint = did_you_mean(name, self.column_names)
        raise ConfigError(f"entity {self.name}: no column {name!r}.{hint}")


def load_entities(folder: Path = ENTITIES_FOLDER) -> dict[str, Entity]:
    """Every entity of the folder by name, in alphabetical order.

    Raises ConfigError naming file, key and the closest allowed word.
    """
    return {path.stem: load_entity_file(path) for path in sorted(folder.glob("*.yml"))}


def load_entity_file(path: Path) -> Entity:
    """One entity from its file; its name is the file's. Raises ConfigError."""
    where = f"{path.parent.name}/{path.name}"
    raw = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - a safe one
    if not isinstance(raw, dict):
        raise ConfigError(f"{where}: expected a mapping with {', '.join(sorted(_ENTITY_KEYS))}.")
    _refuse_unknown(where, raw, _ENTITY_KEYS)
    _require(where, raw, ("description", "changes", "key", "columns"))
    _one_of(f"{where}: changes", raw["changes"], {"versioned", "immutable"})
    _one_of(f"{where}: when_erased", raw.get("when_erased", "drop"), {"drop", "empty"})
    columns = tuple(
        _column(f"{where}: columns.{name}", str(name), body)
        for name, body in raw["columns"].items()
    )
    names = {column.name for column in columns}
    for named in [*raw["key"], *([raw["happened_at"]] if raw.get("happened_at") else [])]:
        if named not in names:
            hint = did_you_mean(str(named), names)
            raise ConfigError(f"{where}: key or happened_at names {named!r}.{hint}")
    return Entity(
        name=path.stem,
        description=str(raw["description"]),
        changes=cast(Changes, raw["changes"]),
        key=tuple(raw["key"]),
        columns=columns,
        happened_at=raw.get("happened_at"),
        when_erased=cast(WhenErased, raw.get("when_erased", "drop")),
    )


def _column(where: str, name: str, body: Any) -> Column:
    if not isinstance(body, dict):
        raise ConfigError(f"{where}: expected a mapping with {', '.join(sorted(_COLUMN_KEYS))}.")
    _refuse_unknown(where, body, _COLUMN_KEYS)
    _require(where, body, ("type", "privacy", "description"))
    if not _NAME.match(name):
        raise ConfigError(f"{where}: a column is named in lower case with underscores.")
    _one_of(f"{where}: privacy", body["privacy"], _PRIVACIES)
    kind = str(body["type"])
    if kind not in _SQL_TYPES and not _DECIMAL.match(kind):
        hint = did_you_mean(kind, [*_SQL_TYPES, "decimal(18,2)"])
        raise ConfigError(f"{where}: no type {kind!r}.{hint}")
    return Column(
        name=name,
        type=kind,
        description=str(body["description"]),
        privacy=cast(Privacy, body["privacy"]),
        required=bool(body.get("required", False)),
        domain=tuple(str(value) for value in body.get("domain", ())),
        at_least=body.get("at_least"),
    )


def _refuse_unknown(where: str, raw: dict[str, Any], known: set[str]) -> None:
    for key in raw:
        if key not in known:
            raise ConfigError(f"{where}: unknown key {key!r}.{did_you_mean(str(key), known)}")


def _require(where: str, raw: dict[str, Any], keys: tuple[str, ...]) -> None:
    for key in keys:
        if key not in raw:
            raise ConfigError(f"{where}: {key!r} is missing.")


def _one_of(where: str, value: Any, known: set[str]) -> None:
    if value not in known:
        raise ConfigError(f"{where}: found {value!r}.{did_you_mean(str(value), known)}")
