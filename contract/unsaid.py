"""Errors without the values of people: databases and libraries repeat what they could not read."""

from __future__ import annotations

import re

OURS = (
    "activation", "contract", "dashboards", "dagster", "demo", "governance", "identity",
    "ingestion", "ml", "orchestration", "quality",
)  # fmt: skip
LINES = 5  # of a foreign message that are kept
LEFT_OUT = "…"
# From here on a database shows the statement, or the line of the file.
_ECHO = re.compile(r"^\s*(LINE \d+:|Original Line|\[SQL|\[parameters|DETAIL:)|Original Line:")
# What a database says after its reason is the value, marked.
_REASON = re.compile(r"\w Error: ")
# Their quoted words are names of tables and columns.
_NAMES = re.compile(r"(Binder|Catalog|Parser) Error")
_VALUES = (
    re.compile(r"'(?:[^'\\]|\\.|'')*'"),
    re.compile(r"[^\s\"'<>(),;:=\[\]{}]+(?:@|%40)[^\s\"'<>(),;:=\[\]{}]+"),
    re.compile(r"\+?\d[\d .\-/()]{5,}\d"),
)
_DOUBLE_QUOTED = re.compile(r'"[^"]*"')


def without_values(text: str) -> str:
    """A message of a library, without what it quotes, addresses, long numbers and shown rows."""
    kept = []
    for line in text.splitlines():
        if _ECHO.search(line):
            break
        said = line if _NAMES.search(line) else _DOUBLE_QUOTED.sub(f'"{LEFT_OUT}"', line)
        for pattern in _VALUES:
            said = pattern.sub(LEFT_OUT, said)
        if said.strip():
            kept.append(said)
        if _REASON.search(line):
            break
    return "\n".join(kept[:LINES])


class Unsaid(Exception):  # noqa: N818 - stands for an error whose own text cannot be changed
    """An error of a library, by the name of its class."""


def speakable(error: BaseException) -> BaseException:
    """The error with its traceback, it and what it came from without anybody's values.

    Our own messages name ids and columns, never people: they stay as they are.
    """
    if error.__cause__ is not None:
        error.__cause__ = speakable(error.__cause__)
    elif error.__context__ is not None and not error.__suppress_context__:
        error.__context__ = speakable(error.__context__)
    if type(error).__module__.split(".")[0] in OURS:
        return error
    before = str(error)
    said = without_values(before)
    if before == said:
        return error
    error.args = (said,)
    if str(error).strip("'\"") == said:
        return error
    # It writes its text itself, from the values that it holds.
    named = Unsaid(f"{type(error).__name__}: {said}").with_traceback(error.__traceback__)
    named.__cause__, named.__suppress_context__ = error.__cause__, True
    return named
