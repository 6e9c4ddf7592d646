"""The only door to the warehouse file: one short connection at a time.

Opening the file reads its catalogue, hundreds of tables, and a run opens it hundreds of times. So
the process of a run may let it linger: the next connection finds the file open.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

LINGERING_BYTES = 512 * 2**20  # more than that in memory is given back with the file

# path → the connection that keeps it open, None while nothing does; no path: it never lingers.
_lingering: dict[Path, "duckdb.DuckDBPyConnection | None"] = {}


@dataclass(frozen=True)
class Warehouse:
    """Where the private DuckDB file is and how much of the machine a connection may take."""

    path: Path
    threads: int
    memory_limit: str
    temp_directory: Path

    @contextmanager
    def connect(self) -> Iterator["duckdb.DuckDBPyConnection"]:
        """A connection that is closed with the block; the file is made when missing."""
        import duckdb

        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.temp_directory.mkdir(parents=True, exist_ok=True)
        connection = duckdb.connect(str(self.path), config=self.options())
        if _lingering.get(self.path, connection) is None:
            _lingering[self.path] = duckdb.connect(str(self.path), config=self.options())
        connection.execute("set TimeZone = 'UTC'")  # not an option of connect: ICU loads later
        try:
            yield connection
        finally:
            connection.close()
            _hold_less(self.path)

    @contextmanager
    def lingering(self) -> Iterator[None]:
        """Within the block, this process alone has the file: it stays open between connections.

        Who opens it otherwise than by `connect`, dbt for one, calls `release` first.
        """
        _lingering[self.path] = None
        try:
            yield
        finally:
            release(self.path)
            del _lingering[self.path]

    def options(self) -> dict[str, Any]:
        """DuckDB's settings; nothing is installed or loaded from elsewhere."""
        return {
            "threads": self.threads,
            "memory_limit": self.memory_limit,
            "temp_directory": str(self.temp_directory),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
        }


def release(path: Path) -> None:
    """Close the file, if it lingers: it is whole on disk, and anybody may open it."""
    if (connection := _lingering.get(path)) is not None:
        _lingering[path] = None
        connection.close()


def _hold_less(path: Path) -> None:
    if (held := _lingering.get(path)) is not None:
        ((used,),) = held.execute("select sum(memory_usage_bytes) from duckdb_memory()").fetchall()
        if used > LINGERING_BYTES:
            release(path)
