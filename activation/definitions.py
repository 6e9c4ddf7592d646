"""Segments as files: activation/segments/<name>.yml. The name is the file's name."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from activation.columns import Marts
from activation.conditions import Comparison, Condition, Group, Reader, Reference
from activation.words import said
from activation.yaml_files import both_languages, check_keys, number_between, one_of, read_yaml
from contract.errors import ConfigError, did_you_mean

NAME = re.compile(r"[a-z][a-z0-9_]{1,60}")
_KEYS = ("title", "description", "owner", "clock", "parameters", "where", "expect")
OWN_CYCLE = "own_cycle"
# One delay for everybody writes to a yearly buyer too early and to a weekly one too late.
_DELAYS = ("last_ordered_on", "first_ordered_on", "days_since_last_order")
_OWN_CLOCK = ("is_silence_unusual", "silence_ratio", "silence_unusual_on", "lifecycle_stage")
_EXPECT_KEYS = ("min_members", "max_share")


@dataclass(frozen=True)
class Expectation:
    """How large a segment should be for somebody to act on it."""

    min_members: int = 1
    max_share: float = 1.0


@dataclass(frozen=True)
class Segment:
    """Who: one definition, or one instance of a definition with parameters.

    clock: own_cycle for a segment of absent people, whose absence each person's own purchase
    cycle measures; None for every other.
    """

    name: str
    file: str
    title: Mapping[str, str]
    description: Mapping[str, str]
    owner: str
    where: Group
    expect: Expectation
    parameters: Mapping[str, str] = field(default_factory=dict)
    clock: str | None = None

    @property
    def digest(self) -> str:
        """Changes when the meaning changes: conditions, those of other segments included."""
        return hashlib.sha256(repr(self.where).encode()).hexdigest()


def load_segments(folder: Path, columns: Marts) -> dict[str, Segment]:
    """Name → segment, for every file of the folder and every value of its parameters.

    Raises ConfigError: file, path of the key, what was found, what was probably meant.
    """
    return _Loader(folder, columns).load()


def slug(text: str) -> str:
    """A value as part of a name: `FROZEN PIZZA` → `frozen_pizza`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_") or "blank"


class _Loader:
    def __init__(self, folder: Path, columns: Marts) -> None:
        self._columns = columns
        self._files = {path.stem: path for path in sorted(folder.glob("*.yml"))}
        self._open: list[str] = []

    def load(self) -> dict[str, Segment]:
        segments: dict[str, Segment] = {}
        for name in self._files:
            for segment in self._instances(name):
                if segment.name in segments:
                    raise ConfigError(f"{segment.file}: a segment '{segment.name}' exists already.")
                segments[segment.name] = segment
        return segments

    def _instances(self, name: str) -> Iterator[Segment]:
        content = self._content(name)
        parameters = content.get("parameters", {})
        for values in product(*(spec["values"] for spec in parameters.values())):
            yield self._segment(name, content, dict(zip(parameters, values, strict=True)))

    def _content(self, name: str) -> dict[str, Any]:
        where = _where(name)
        if not NAME.fullmatch(name):
            raise ConfigError(f"{where}: a file name is small letters, digits and '_'.")
        content = read_yaml(self._files[name], where)
        check_keys(where, content, _KEYS, ("title", "description", "owner", "where"))
        parameters = content.get("parameters", {})
        if not isinstance(parameters, dict):
            raise ConfigError(f"{where}: parameters: expected {{name: {{values: […]}}}}.")
        for parameter, spec in parameters.items():
            place = f"{where}: parameters.{parameter}"
            if not isinstance(spec, dict) or not isinstance(spec.get("values"), list):
                raise ConfigError(f"{place}: expected {{values: […]}}, found {spec!r}.")
            if not all(isinstance(value, str) for value in spec["values"]):
                raise ConfigError(f"{place}.values: expected texts in quotes.")
        return content

    def _segment(self, name: str, content: dict[str, Any], values: dict[str, str]) -> Segment:
        where = _where(name)
        if name in self._open:
            circle = " → ".join([*self._open, name])
            raise ConfigError(f"{where}: segments refer to each other in a circle: {circle}.")
        self._open.append(name)
        conditions = _filled(f"{where}: where", content["where"], values)
        group = Reader(self._columns, self._resolve).group(f"{where}: where", conditions)
        self._open.pop()
        parts = [name, *(slug(value) for value in values.values())]
        return Segment(
            name="__".join(parts),
            file=where,
            title=_with_values(where, "title", content["title"], values),
            description=_with_values(where, "description", content["description"], values),
            owner=str(content["owner"]),
            where=group,
            expect=_expectation(where, content.get("expect", {})),
            parameters=values,
            clock=_clock(where, content.get("clock"), group),
        )

    def _resolve(self, name: str, values: Mapping[str, Any], where: str) -> Reference:
        if name not in self._files:
            raise ConfigError(f"{where}: no segment '{name}'.{did_you_mean(name, self._files)}")
        content = self._content(name)
        wanted = set(content.get("parameters", {}))
        if not isinstance(values, dict) or set(values) != wanted:
            raise ConfigError(
                f"{where}.with: segment '{name}' needs {sorted(wanted) or 'nothing'}."
            )
        segment = self._segment(name, content, {key: str(value) for key, value in values.items()})
        return Reference(segment.name, segment.title, segment.where)


def _where(name: str) -> str:
    return f"activation/segments/{name}.yml"


def _filled(where: str, content: Any, values: Mapping[str, str]) -> Any:
    """The conditions with every {parameter: name} replaced by its value."""
    if isinstance(content, dict):
        if set(content) == {"parameter"}:
            name = str(content["parameter"])
            if name not in values:
                raise ConfigError(f"{where}: no parameter '{name}'.{did_you_mean(name, values)}")
            return values[name]
        return {key: _filled(f"{where}.{key}", value, values) for key, value in content.items()}
    if isinstance(content, list):
        return [_filled(f"{where}[{number}]", item, values) for number, item in enumerate(content)]
    return content


def _with_values(where: str, key: str, texts: object, values: Mapping[str, str]) -> dict[str, str]:
    filled = both_languages(f"{where}: {key}", texts)
    for name, value in values.items():
        filled = {
            lang: text.replace(f"{{{name}}}", said(value, lang, name))
            for lang, text in filled.items()
        }
    return filled


def _clock(where: str, value: object, group: Group) -> str | None:
    """Refuses a win-back that counts the same days for everybody."""
    if value is None:
        return None
    clock = one_of(f"{where}: clock", value, (OWN_CYCLE,))
    asked = {one.column.name for one in _comparisons(group)}
    for name in _DELAYS:
        if name in asked:
            raise ConfigError(
                f"{where}: clock: '{name}' is one delay for everybody. "
                f"Ask for {', '.join(_OWN_CLOCK)} instead."
            )
    if asked.isdisjoint(_OWN_CLOCK):
        raise ConfigError(
            f"{where}: clock: no condition on the own purchase cycle. "
            f"Ask for one of {', '.join(_OWN_CLOCK)}."
        )
    return clock


def _comparisons(condition: Condition) -> Iterator[Comparison]:
    if isinstance(condition, Comparison):
        yield condition
    elif isinstance(condition, Reference):
        yield from _comparisons(condition.where)
    elif isinstance(condition, Group):
        for item in (*condition.all, *condition.any, *condition.none):
            yield from _comparisons(item)


def _expectation(where: str, content: object) -> Expectation:
    place = f"{where}: expect"
    if not isinstance(content, dict):
        raise ConfigError(f"{place}: expected {{min_members: …, max_share: …}}.")
    check_keys(place, content, _EXPECT_KEYS)
    return Expectation(
        int(number_between(f"{place}.min_members", content.get("min_members", 1), 0, 10**9)),
        number_between(f"{place}.max_share", content.get("max_share", 1.0), 0, 1),
    )
