"""A landed file of any kind as one DuckDB view, `file_rows`, of its rows as they lie there."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import duckdb

from contract.sql import literal, quote
from contract.unsaid import without_values
from ingestion import limits
from ingestion.errors import FileIncomplete, FileRefused
from ingestion.landed_files import LandedFile
from ingestion.nested import is_of_item, json_row_sql

_LOAD_NAMES = ("_file_line", "_problem", "_raw_text")
_NESTED = ("STRUCT", "MAP", "UNION")


@dataclass
class FileRows:
    """What a file turned out to be.

    names: its columns, or the keys met at its begin; None when it holds nothing to tell them by.
    types: the columns of `file_rows` by name. rows_met: rows read so far, blank lines aside.
    """

    names: tuple[str, ...] | None
    types: dict[str, str]
    is_json: bool = False
    rows_met: int = 0
    failures: list[Exception] = field(default_factory=list)

    def watch(self, batches: Iterable[Any]) -> Iterator[Any]:
        """The batches, counted; what stops them is kept, for DuckDB would hide it."""
        try:
            for batch in batches:
                self.rows_met += batch.num_rows
                yield batch
        except (FileRefused, FileIncomplete) as error:
            self.failures.append(error)
            raise

    def why_it_stopped(self, file: LandedFile, error: duckdb.Error) -> Exception:
        """The error behind DuckDB's own."""
        if self.failures:
            return self.failures[0]
        if file.feed.reading.kind == "parquet":
            reason = without_values(str(error))
            return FileRefused(f"{file.name} is not a readable Parquet file ({reason}).")
        return error


def open_file_rows(con: duckdb.DuckDBPyConnection, file: LandedFile) -> FileRows:
    """Create the temporary view `file_rows`. Raises FileRefused, FileIncomplete."""
    openers: dict[str, Callable[[duckdb.DuckDBPyConnection, LandedFile], FileRows]] = {
        "parquet": _open_parquet,
        "csv": _open_csv,
        "jsonl": _open_jsonl,
        "yaml": _open_yaml,
    }
    return openers[file.feed.reading.kind](con, file)


def _open_parquet(con: duckdb.DuckDBPyConnection, file: LandedFile) -> FileRows:
    scan = f"read_parquet({literal(str(file.path))}, file_row_number = true)"
    try:
        found = con.execute(f"describe from {scan}").fetchall()
        types = {name: kind for name, kind, *_ in found if name != "file_row_number"}
        limits.check_width(file.name, len(types))
        if not set(_LOAD_NAMES).isdisjoint(types):
            raise FileRefused(f"{file.name} has a column named {' or '.join(_LOAD_NAMES)}.")
        columns = ", ".join(_plain(name, kind) for name, kind in types.items())
        con.execute(f"""create or replace temp view file_rows as
            select {columns}, file_row_number + 1 as _file_line,
                cast(null as varchar) as _problem, cast(null as varchar) as _raw_text
            from {scan}""")
        row = con.execute(
            f"select sum(num_rows) from parquet_file_metadata({literal(str(file.path))})"
        )
        count = row.fetchall()[0][0]
    except duckdb.Error as error:
        reason = without_values(str(error))
        raise FileRefused(f"{file.name} is not a readable Parquet file ({reason}).") from error
    rows = FileRows(tuple(types), _types(con))
    rows.rows_met = int(count or 0)
    return rows


def _open_csv(con: duckdb.DuckDBPyConnection, file: LandedFile) -> FileRows:
    from ingestion import text_rows

    reading = file.feed.reading
    names = text_rows.csv_header(file.path, reading)
    rows = FileRows(names, dict.fromkeys(names, "VARCHAR"))
    _register(con, rows, text_rows.schema_of(names), text_rows.csv_batches(file.path, reading))
    con.execute("create or replace temp view file_rows as from text_rows")
    return rows


def _open_jsonl(con: duckdb.DuckDBPyConnection, file: LandedFile) -> FileRows:
    from ingestion import line_rows

    feed = file.feed
    names = line_rows.top_keys(file.path, feed.reading)
    wanted = [name for name in feed.columns_read if not is_of_item(feed, name)]
    paths = list(dict.fromkeys([*wanted, *([feed.explode] if feed.explode else [])]))
    rows = FileRows(names, dict.fromkeys(paths, "VARCHAR"), is_json=True)
    batches = line_rows.line_batches(file.path, feed.reading)
    _register(con, rows, line_rows.SCHEMA, batches)
    whole_keys = frozenset(name for name in names or () if "." in name)
    sql = json_row_sql("text_rows", paths, whole_keys)
    con.execute(f"create or replace temp view file_rows as {sql}")
    return rows


def _open_yaml(con: duckdb.DuckDBPyConnection, file: LandedFile) -> FileRows:
    from ingestion import text_rows
    from ingestion.yaml_rows import yaml_batch

    names, batch = yaml_batch(file.path, file.feed.reading)
    rows = FileRows(names or None, dict.fromkeys(names, "VARCHAR"), is_json=True)
    _register(con, rows, text_rows.schema_of(names), [batch])
    con.execute("create or replace temp view file_rows as from text_rows")
    return rows


def _register(
    con: duckdb.DuckDBPyConnection, rows: FileRows, schema: Any, batches: Iterable[Any]
) -> None:
    import pyarrow as pa

    con.register("text_rows", pa.RecordBatchReader.from_batches(schema, rows.watch(batches)))


def _plain(name: str, kind: str) -> str:
    """A Parquet column without what the rest of the loading does not know: nested, bytes, enums."""
    column = quote(name)
    if kind.startswith(_NESTED) or kind.endswith("]"):
        return f"cast(to_json({column}) as varchar) as {column}"
    if kind == "BLOB":  # some writers do not say that their bytes are text
        return f"coalesce(try(decode({column})), hex({column})) as {column}"
    if kind.startswith("ENUM"):
        return f"cast({column} as varchar) as {column}"
    return column


def _types(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    described = con.execute("describe file_rows").fetchall()
    return {name: kind for name, kind, *_ in described if name not in _LOAD_NAMES}
