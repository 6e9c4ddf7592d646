"""Dagster's history of runs, without waiting for the disk at each of its thousand events."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def kept_open(folder: Path) -> Iterator[None]:
    """Within the block, the SQLite files below the folder stay open in this process.

    Dagster opens and closes them for every event, and SQLite copies its log into the file whenever
    the last connection closes. What a power cut may cost is the end of a history, never the
    file; other databases, the ledger's above all, wait for the disk as before.
    """
    from sqlalchemy import Engine, event

    inside = folder.resolve()
    held: set[str] = set()

    def on_connect(connection: Any, _: object) -> None:
        if not isinstance(connection, sqlite3.Connection):
            return
        path = connection.execute("pragma database_list").fetchone()[2]
        if not path or not Path(path).is_relative_to(inside):
            return
        connection.execute("pragma synchronous = normal")
        is_logged = connection.execute("pragma journal_mode").fetchone()[0] == "wal"
        if is_logged and path not in held:
            held.add(path)
            kept = stack.enter_context(closing(sqlite3.connect(path, check_same_thread=False)))
            kept.execute("select count(*) from sqlite_master").fetchone()  # only now is it open

    with ExitStack() as stack:
        event.listen(Engine, "connect", on_connect)
        stack.callback(event.remove, Engine, "connect", on_connect)
        yield
