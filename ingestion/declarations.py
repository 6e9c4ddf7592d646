"""Reads the declarations of a company's files; every typing error is named with what was meant."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from contract.entity import KEY_SPACES, Column, Entity, load_entities
from contract.errors import ConfigError, did_you_mean
from ingestion.column_rules import ColumnRule, parse_rule
from ingestion.declared_rows import NAME, key_systems, row_tests
from ingestion.feed import Declaration, Feed, FileKind, Reading

_FORMATS = {"parquet", "csv", "jsonl", "yaml"}
# The one in C reads ten times as fast; a run reads every declaration for every table.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MANIFESTS = {"required", "optional"}
_SILENCES = {"nothing_new", "unknown"}
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
_BOTH = _READING | {"keys_of"}
_SYSTEM_KEYS = _BOTH | {"system", "description", "owner", "folder", "manifest", "cadence_days"} | {
    "files", "missing_file"
}  # fmt: skip
_FEED_KEYS = _BOTH | {"entity", "pattern", "known_at", "columns", "only_when", "explode", "deletes"}


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
    raw = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - a safe one
    if not isinstance(raw, dict):
        raise ConfigError(f"{where}: expected a mapping with {', '.join(sorted(_SYSTEM_KEYS))}.")
    _check_keys(where, raw, _SYSTEM_KEYS, ("description", "owner", "files"))
    system = str(raw.get("system", path.stem))
    if not NAME.match(system):
        raise ConfigError(f"{where}: system {system!r} must be lower case with underscores.")
    _one_of(f"{where}: manifest", raw.get("manifest", "optional"), _MANIFESTS)
    _one_of(f"{where}: missing_file", raw.get("missing_file", "unknown"), _SILENCES)
    _stays_inside(f"{where}: folder", str(raw.get("folder", system)))
    feeds = tuple(
        _feed(f"{where}: files.{name}", str(name), raw | {"system": system}, body, entities)
        for name, body in raw["files"].items()
    )
    return Declaration(
        system=system,
        description=str(raw["description"]),
        owner=str(raw["owner"]),
        folder=feeds[0].folder if feeds else system,
        cadence_days=_positive(f"{where}: cadence_days", raw.get("cadence_days", 1)),
        feeds=feeds,
        tells_all=raw.get("missing_file", "unknown") == "nothing_new",
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
    known_at = body.get("known_at")
    clock = Column("known_at", "timestamp", "", "public")
    deletes = bool(body.get("deletes", False))
    return Feed(
        name=name,
        system=system["system"],
        folder=str(system.get("folder", system["system"])),
        entity=entity.name,
        pattern=str(body["pattern"]),
        reading=_reading(where, {**system, **body}),
        rules=_rules(where, entity, body["columns"], deletes=deletes),
        known_at=parse_rule(f"{where}: known_at", clock, known_at) if known_at else None,
        needs_manifest=system.get("manifest", "optional") == "required",
        cadence_days=_positive(f"{where}: cadence_days", system.get("cadence_days", 1)),
        only_when=row_tests(f"{where}: only_when", body.get("only_when")),
        explode=str(body["explode"]) if body.get("explode") else None,
        deletes=deletes,
        key_systems=key_systems(
            f"{where}: keys_of", system.get("keys_of"), body.get("keys_of"), KEY_SPACES
        ),
    )


def _rules(where: str, entity: Entity, body: Any, *, deletes: bool) -> tuple[ColumnRule, ...]:
    allowed = entity.key if deletes else entity.column_names
    for column_name in body:
        if column_name not in allowed:
            hint = did_you_mean(str(column_name), allowed)
            kind = "key column" if deletes else "column"
            raise ConfigError(f"{where}: entity {entity.name} has no {kind} {column_name!r}.{hint}")
    for column in entity.columns:
        if (column.required or deletes) and column.name in allowed and column.name not in body:
            raise ConfigError(
                f"{where}: {column.name} of {entity.name} is required; say where it comes from."
            )
    return tuple(
        parse_rule(f"{where}: columns.{column.name}", column, body[column.name])
        for column in entity.columns
        if column.name in body
    )


def _reading(where: str, raw: dict[str, Any]) -> Reading:
    _one_of(f"{where}: format", kind := _kind(raw), _FORMATS)
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


def _kind(raw: dict[str, Any]) -> str:
    """The format as written, else by the file's extension; what gzip packs is named before it."""
    if raw.get("format"):
        return str(raw["format"])
    kind = Path(str(raw["pattern"]).removesuffix(".gz")).suffix.lstrip(".")
    return "yaml" if kind == "yml" else kind


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
