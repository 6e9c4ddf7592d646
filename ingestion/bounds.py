"""How much memory a load may take: what does not fit is spilled to disk."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from contract.sql import literal

# Of DuckDB; the process, with Arrow and Python, stays under twice that.
LOAD_MEMORY = 10**9


@contextmanager
def bounded_memory(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Inside the block DuckDB takes no more than a load needs, then what it was told before."""
    ((before, in_bytes),) = con.execute(
        "select current_setting('memory_limit') as told, parse_formatted_bytes(told)"
    ).fetchall()
    if in_bytes <= LOAD_MEMORY:
        yield
        return
    con.execute(f"set memory_limit = '{LOAD_MEMORY}B'")
    try:
        yield
    finally:
        con.execute(f"set memory_limit = {literal(str(before))}")
