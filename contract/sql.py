"""The little SQL that every leaf writes by hand: quoted names and texts, one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Connection(Protocol):
    """What is needed of a DuckDB connection."""

    def execute(self, query: str, /) -> object:
        """Run a statement."""


def quote(name: str) -> str:
    """An identifier for SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text for SQL."""
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def transaction(con: Connection) -> Iterator[None]:
    """All statements of the block or none, whether it fails or the process is killed."""
    con.execute("begin")
    try:
        yield
    except BaseException:
        con.execute("rollback")
        raise
    con.execute("commit")
