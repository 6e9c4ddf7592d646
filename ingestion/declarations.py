"""Declarations of a company's files: which files feed which entity, and how to read them."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from contract.entity import Column, Entity, load_entities
from contract.errors import ConfigError, did_you_mean
from ingestion.column_rules import ColumnRule, parse_rule

FileKind = Literal["parquet", "csv", "jsonl"]

_FORMATS = {"parquet", "csv", "jsonl"}
_MANIFESTS = {"required", "optional"}
_READING = {
    "format",
    "encoding",
    "separator",
    "decimal",
    "thousands",
    "date_format",
    "time_zone",
    "nulls",
    "settle_seconds",
}
_SYSTEM_KEYS = _READING | {"system", "description", "folder", "manifest", "cadence_days", "files"}
_FEED_KEYS = _READING | {"entity", "pattern", "known_at", "columns"}
_NAME = re.compile(r"^[a-z][a-z0-9_]*$")


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
class Feed:
    """One file pattern of a system and the entity it feeds, column by column."""

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

    @property
    def glob(self) -> str:
        """The pattern with its month open."""
        return self.pattern.replace("{month}", "[0-9][0-9][0-9][0-9]-[0-9][0-9]")

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Every source column some rule needs, once, in the order of the declaration."""
        rules = (*self.rules, *([self.known_at] if self.known_at else ()))
        return tuple(dict.fromkeys(name for rule in rules for name in rule.columns_read))

    @property
    def digest(self) -> str:
        """Changes when anything that decides what a row becomes changes."""
        meaning = repr((self.entity, self.reading, self.rules, self.known_at))
        return hashlib.sha256(meaning.encode()).hexdigest()[:16]

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
    """One source system: where its files land and what each of them feeds."""

    system: str
    description: str
    folder: str
    cadence_days: int
    feeds: tuple[Feed, ...]


def load_declarations(
    folder: Path, entities: Mapping[str, Entity] | None = None
) -> list[Declaration]:
    """Every declaration of the folder, by file name.

    Raises ConfigError naming file, place, what was found and the closest allowed word.
    """
    known = entities if entities is not None else load_entities()
    paths = sorted(folder.glob("*.yml"))
    declarations = [load_declaration_file(path, known) for path in paths]
    seen: dict[str, Path] = {}
    for path, declaration in zip(paths, declarations, strict=True):
        first = seen.setdefault(declaration.system, path)
        if first != path:
            raise ConfigError(
                f"{first} and {path.name} both declare the system {declaration.system}. "
                "Put its files into one of them."
            )
    return declarations


def load_declaration_file(path: Path, entities: Mapping[str, Entity]) -> Declaration:
    """One declaration from its file. Raises ConfigError."""
    where = path.name
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(raw, dict):
        raise ConfigError(f"{where}: expected a mapping with {', '.join(sorted(_SYSTEM_KEYS))}.")
    _check_keys(where, raw, _SYSTEM_KEYS, ("description", "files"))
    system = str(raw.get("system", path.stem))
    if not _NAME.match(system):
        raise ConfigError(f"{where}: system {system!r} must be lower case with underscores.")
    _one_of(f"{where}: manifest", raw.get("manifest", "optional"), _MANIFESTS)
    _stays_inside(f"{where}: folder", str(raw.get("folder", system)))
    feeds = tuple(
        _feed(f"{where}: files.{name}", str(name), raw | {"system": system}, body, entities)
        for name, body in raw["files"].items()
    )
    return Declaration(
        system=system,
        description=str(raw["description"]),
        folder=feeds[0].folder if feeds else system,
        cadence_days=_positive(f"{where}: cadence_days", raw.get("cadence_days", 1)),
        feeds=feeds,
    )


def _feed(
    where: str, name: str, system: dict[str, Any], body: Any, entities: Mapping[str, Entity]
) -> Feed:
    if not isinstance(body, dict):
        raise ConfigError(f"{where}: expected a mapping with {', '.join(sorted(_FEED_KEYS))}.")
    _check_keys(where, body, _FEED_KEYS, ("entity", "pattern", "columns"))
    _one_of(f"{where}: entity", body["entity"], set(entities))
    entity = entities[body["entity"]]
    _stays_inside(f"{where}: pattern", str(body["pattern"]))
    reading = _reading(where, {**system, **body})
    known_at = body.get("known_at")
    clock = Column("known_at", "timestamp", "", "public")
    return Feed(
        name=name,
        system=system["system"],
        folder=str(system.get("folder", system["system"])),
        entity=entity.name,
        pattern=str(body["pattern"]),
        reading=reading,
        rules=_rules(where, entity, body["columns"]),
        known_at=parse_rule(f"{where}: known_at", clock, known_at) if known_at else None,
        needs_manifest=system.get("manifest", "optional") == "required",
        cadence_days=_positive(f"{where}: cadence_days", system.get("cadence_days", 1)),
    )


def _rules(where: str, entity: Entity, body: Any) -> tuple[ColumnRule, ...]:
    for column_name in body:
        if column_name not in entity.column_names:
            hint = did_you_mean(str(column_name), entity.column_names)
            raise ConfigError(f"{where}: entity {entity.name} has no column {column_name!r}.{hint}")
    for column in entity.columns:
        if column.required and column.name not in body:
            raise ConfigError(
                f"{where}: {column.name} of {entity.name} is required; say where it comes from."
            )
    return tuple(
        parse_rule(f"{where}: columns.{column.name}", column, body[column.name])
        for column in entity.columns
        if column.name in body
    )


def _reading(where: str, raw: dict[str, Any]) -> Reading:
    kind = raw.get("format") or Path(str(raw["pattern"])).suffix.lstrip(".")
    _one_of(f"{where}: format", kind, _FORMATS)
    zone = str(raw.get("time_zone", "UTC"))
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ConfigError(f"{where}: no time zone {zone!r}. Example: Europe/Paris.") from error
    encoding = str(raw.get("encoding", "utf-8"))
    try:
        "".encode(encoding)
    except LookupError as error:
        raise ConfigError(f"{where}: no encoding {encoding!r}. Example: cp1252.") from error
    _one_of(f"{where}: decimal", raw.get("decimal", "."), {".", ","})
    return Reading(
        kind=cast(FileKind, kind),
        encoding="utf-8-sig" if encoding.lower() in {"utf-8", "utf8"} else encoding,
        separator=str(raw.get("separator", ",")),
        decimal=str(raw.get("decimal", ".")),
        thousands=str(raw.get("thousands", "")),
        date_format=raw.get("date_format"),
        time_zone=zone,
        nulls=tuple(str(text) for text in raw.get("nulls", ())),
        settle_seconds=int(raw.get("settle_seconds", 5)),
    )


def _check_keys(where: str, raw: dict[str, Any], known: set[str], needed: tuple[str, ...]) -> None:
    for key in raw:
        if key not in known:
            raise ConfigError(f"{where}: unknown key {key!r}.{did_you_mean(str(key), known)}")
    for key in needed:
        if not raw.get(key):
            raise ConfigError(f"{where}: {key!r} is missing.")


def _one_of(where: str, value: Any, known: set[str]) -> None:
    if value not in known:
        raise ConfigError(f"{where}: found {value!r}.{did_you_mean(str(value), known)}")


def _stays_inside(where: str, path: str) -> None:
    """Refuse a folder or a pattern that would read files from outside the landing folder."""
    if Path(path).is_absolute() or ".." in Path(path).parts:
        raise ConfigError(f"{where}: {path!r} leads out of the landing folder. Land files in it.")


def _positive(where: str, value: Any) -> int:
    if not isinstance(value, int) or value < 1:
        raise ConfigError(f"{where}: expected a whole number of 1 or more, found {value!r}.")
    return value


def _as_regex(glob: str) -> str:
    return re.escape(glob).replace(r"\*", ".*").replace(r"\?", ".")
