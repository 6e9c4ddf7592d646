"""Reading the files that marketers write: strictly, with errors that say where."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from contract.errors import ConfigError, did_you_mean
from contract.gate import CHANNELS

MAX_FILE_BYTES = 100_000  # a definition is a page of text; a bomb is not


class _StrictLoader(yaml.SafeLoader):
    """YAML without aliases (they can explode) and without keys that silently replace others."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            # PyYAML has no type for its events.
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.constructor.ConstructorError(None, None, "aliases are not allowed", mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = str(key_node.value)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"'{key}' is written twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def read_yaml(path: Path, where: str) -> dict[str, Any]:
    """The mapping in a file. Raises ConfigError naming the file, and the line when it can."""
    raw = path.read_bytes()
    if len(raw) > MAX_FILE_BYTES:
        raise ConfigError(f"{where}: larger than {MAX_FILE_BYTES} bytes; that is no definition.")
    try:
        content = yaml.load(raw.decode("utf-8"), _StrictLoader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise ConfigError(f"{where}: not readable as YAML: {error}") from error
    if not isinstance(content, dict):
        raise ConfigError(f"{where}: expected 'key: value' lines, found {type(content).__name__}.")
    return content


def read_by_channel(path: Path, keys: Sequence[str]) -> dict[str, tuple[str, dict[str, Any]]]:
    """Channel → (where it stands, its line), of a file with a line of just these keys per channel.

    Raises ConfigError naming the line.
    """
    where = f"activation/{path.name}"
    content = read_yaml(path, where)
    check_keys(where, content, CHANNELS)
    for channel, line in content.items():
        if not isinstance(line, dict):
            wanted = ", ".join(f"{key}: …" for key in keys)
            raise ConfigError(f"{where}: {channel}: expected {{{wanted}}}, found {line!r}.")
        check_keys(f"{where}: {channel}", line, keys, keys)
    return {channel: (f"{where}: {channel}", line) for channel, line in content.items()}


def check_keys(
    where: str, content: Mapping[str, Any], allowed: Collection[str], needed: Collection[str] = ()
) -> None:
    """Refuse unknown keys and ask for the needed ones. Raises ConfigError."""
    for key in content:
        if key not in allowed:
            raise ConfigError(f"{where}: unknown key '{key}'.{did_you_mean(str(key), allowed)}")
    for key in needed:
        if key not in content:
            raise ConfigError(f"{where}: no '{key}'. Add it.")


def both_languages(where: str, value: object) -> dict[str, str]:
    """A text in English and French. Raises ConfigError when one is missing."""
    if not isinstance(value, dict) or set(value) != {"en", "fr"}:
        raise ConfigError(f"{where}: expected {{en: …, fr: …}}, found {value!r}.")
    if not all(isinstance(text, str) and text.strip() for text in value.values()):
        raise ConfigError(f"{where}: both languages need a text.")
    return {lang: " ".join(text.split()) for lang, text in value.items()}


def one_of(where: str, value: object, known: Collection[str]) -> str:
    """One of the known words. Raises ConfigError with the nearest one."""
    if not isinstance(value, str) or value not in known:
        raise ConfigError(f"{where}: '{value}' is not known.{did_you_mean(str(value), known)}")
    return value


def number_between(where: str, value: object, low: float, high: float) -> float:
    """A number within bounds. Raises ConfigError saying which."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    # is_number has narrowed value; the checker does not follow a name.
    if not is_number or not low <= float(value) <= high:  # type: ignore[arg-type]
        raise ConfigError(f"{where}: found {value!r}, expected a number from {low:g} to {high:g}.")
    return float(value)  # type: ignore[arg-type]
