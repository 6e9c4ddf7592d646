"""The only door to the warehouse file: one short connection at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb


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
        connection.execute("set TimeZone = 'UTC'")  # not an option of connect: ICU loads later
        try:
            yield connection
        finally:
            connection.close()

    def options(self) -> dict[str, Any]:
        """DuckDB's settings; nothing is installed or loaded from elsewhere."""
        return {
            "threads": self.threads,
            "memory_limit": self.memory_limit,
            "temp_directory": str(self.temp_directory),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
        }
