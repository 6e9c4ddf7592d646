"""Dagster's history of runs in its own SQLite files, without opening them for each event.

A run says a thousand things. Dagster connects anew for each: SQLite then copies its log into the
file and waits for the disk, and SQLAlchemy compiles every statement again. Here each file keeps
one connection. What a power cut may cost is the end of a history, never the file; the state
database, with the ledger, waits for the disk at every commit as before.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage, _event_logs_directory
from sqlalchemy import create_engine, event

if TYPE_CHECKING:
    from dagster._serdes import ConfigurableClassData
    from sqlalchemy import Connection, Engine

OPEN_FILES = 8  # the UI reads one file per run: the longest unread is closed


class History(DagsterSqliteStorage):
    """What `storage` in dagster.yaml names: Dagster's storage, with events kept by `Events`."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(base_dir, inst_data)
        self._event_log_storage = Events(_event_logs_directory(base_dir))

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData, config_value: Any) -> History:
        """As Dagster makes it from dagster.yaml."""
        return cls.from_local(inst_data=inst_data, **config_value)


class Events(SqliteEventLogStorage):
    """Dagster's event log, one open connection per file."""

    def __init__(self, base_dir: str) -> None:
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        self._tables: set[str] = set()
        super().__init__(base_dir)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.connect() as connection, connection.begin():
                yield connection

    def _engine(self, shard: str) -> Engine:
        if shard in self._engines:
            self._engines.move_to_end(shard)
            return self._engines[shard]
        while len(self._engines) >= OPEN_FILES:
            self._engines.popitem(last=False)[1].dispose()
        engine = create_engine(
            self.conn_string_for_shard(shard),
            pool_size=1,
            connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS},
        )
        event.listen(engine, "connect", _wait_at_checkpoints_only)
        self._engines[shard] = engine
        return engine

    def has_table(self, table_name: str) -> bool:
        """Whether the table is there. Dagster asks at every event; one that is there stays."""
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables

    def dispose(self) -> None:
        """Close every file."""
        super().dispose()
        with self._db_lock:
            while self._engines:
                self._engines.popitem()[1].dispose()


def _wait_at_checkpoints_only(connection: Any, _: object) -> None:
    connection.execute("pragma synchronous = normal")
