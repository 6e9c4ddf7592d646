"""The state database, opened and brought up to date. SQLite by default, PostgreSQL by URL."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Engine

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_TIMEOUT_MS = 30_000
CACHE_KB = 64_000  # the default of 2 MB reads the indexes of a long ledger again for every batch
WAL_PAGES = 8_000  # 32 MB: a thousand entries change about 600 pages, the default moves each batch


def open_state(url: str) -> Engine:
    """The engine of the state database, its schema upgraded to the newest version.

    A SQLite file is created with mode 0600: it holds source keys of customers.
    """
    from sqlalchemy import create_engine, event
    from sqlalchemy.engine import make_url

    parsed = make_url(url)
    is_sqlite = parsed.get_backend_name() == "sqlite"
    if is_sqlite and parsed.database not in (None, "", ":memory:"):
        _create_private(Path(str(parsed.database)))
    engine = create_engine(parsed, hide_parameters=True)  # an error is about no person
    if is_sqlite:
        event.listen(engine, "connect", _set_up_sqlite)
    upgrade(engine)
    return engine


def upgrade(engine: Engine) -> None:
    """Run the migrations that this database has not seen."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _create_private(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _set_up_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("pragma journal_mode = wal")  # readers beside the writer
    cursor.execute("pragma synchronous = full")  # an acknowledgement survives a power cut
    cursor.execute(f"pragma busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute("pragma foreign_keys = on")
    cursor.execute(f"pragma cache_size = -{CACHE_KB}")
    cursor.execute(f"pragma wal_autocheckpoint = {WAL_PAGES}")
    cursor.execute("pragma secure_delete = on")  # what is erased leaves no bytes in free pages
    cursor.close()
