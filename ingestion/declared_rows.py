"""Which rows a feed takes and whose keys they carry: `only_when:` and `keys_of:`."""

import re
from collections.abc import Iterable
from typing import Any

from contract.errors import ConfigError, did_you_mean
from ingestion.feed import RowTest

NAME = re.compile(r"^[a-z][a-z0-9_]*$")
_TESTS = {"is", "in", "is_missing"}


def row_tests(where: str, body: Any) -> tuple[RowTest, ...]:
    """The tests of `only_when`: one mapping, or a list of them that must all hold.

    Raises ConfigError.
    """
    if body is None:
        return ()
    entries = body if isinstance(body, list) else [body]
    return tuple(_row_test(where, entry) for entry in entries)


def key_systems(where: str, of_system: Any, of_feed: Any, kinds: Iterable[str]) -> dict[str, str]:
    """Kind of key to the system that gave it; what a file says wins. Raises ConfigError."""
    known, found = set(kinds), {}
    for body in (of_system, of_feed):
        if body is not None and not isinstance(body, dict):
            raise ConfigError(f"{where}: expected {{customer: shop, …}}, found {body!r}.")
        for kind, system in (body or {}).items():
            if kind not in known:
                raise ConfigError(f"{where}: no kind of key {kind!r}.{did_you_mean(kind, known)}")
            if not NAME.match(str(system)):
                raise ConfigError(f"{where}: system {system!r} must be lower case.")
            found[str(kind)] = str(system)
    return found


def _row_test(where: str, entry: Any) -> RowTest:
    if not isinstance(entry, dict) or "column" not in entry:
        raise ConfigError(f"{where}: expected {{column: …, is: …}}, found {entry!r}.")
    tests = set(entry) - {"column"}
    for test in tests - _TESTS:
        raise ConfigError(f"{where}: unknown test {test!r}.{did_you_mean(str(test), _TESTS)}")
    if len(tests) != 1:
        raise ConfigError(f"{where}: exactly one test of {', '.join(sorted(_TESTS))}.")
    column, test = str(entry["column"]), tests.pop()
    if test == "is_missing":
        return RowTest(column, is_missing=bool(entry[test]))
    values = entry[test] if isinstance(entry[test], list) else [entry[test]]
    return RowTest(column, tuple(_text(value) for value in values))


def _text(value: Any) -> str:
    # As JSON writes a yes or no, and as a database gives it as text.
    return str(value).lower() if isinstance(value, bool) else str(value)
