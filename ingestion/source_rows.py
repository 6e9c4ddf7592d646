"""One landed file as a DuckDB relation `source_rows`: its columns, file_line, problem, raw_text."""

from collections import Counter

import duckdb

from contract.errors import did_you_mean
from contract.sql import literal
from ingestion.column_sql import SourceColumns
from ingestion.errors import ContractBroken
from ingestion.landed_files import LandedFile

_LOAD_NAMES = ("file_line", "problem", "raw_text")


def open_source(con: duckdb.DuckDBPyConnection, file: LandedFile) -> SourceColumns:
    """Create the temporary view `source_rows` over the file, and say what columns it has.

    Raises ContractBroken when the file lacks a column its declaration reads.
    """
    if file.feed.reading.kind == "parquet":
        types = _open_parquet(con, file)
    else:
        types = _open_text(con, file)
    source = SourceColumns(types, file.feed.reading)
    _check_columns(file, source)
    return source


def close_source(con: duckdb.DuckDBPyConnection) -> None:
    """Forget the file opened last."""
    con.execute("drop view if exists source_rows")
    con.unregister("text_rows")


def _open_parquet(con: duckdb.DuckDBPyConnection, file: LandedFile) -> dict[str, str]:
    scan = f"read_parquet({literal(str(file.path))}, file_row_number = true)"
    try:
        con.execute(f"""create or replace temp view source_rows as
            select * exclude (file_row_number), file_row_number + 1 as file_line,
                cast(null as varchar) as problem, cast(null as varchar) as raw_text
            from {scan}""")
    except duckdb.Error as error:
        raise ContractBroken(
            f"{file.feed.system}/{file.name}: not a readable Parquet file ({error}). "
            f"Table {file.feed.entity} is not loaded; ask the source for the file again."
        ) from error
    return _types(con)


def _open_text(con: duckdb.DuckDBPyConnection, file: LandedFile) -> dict[str, str]:
    import pyarrow as pa

    from ingestion import text_rows

    reading = file.feed.reading
    if reading.kind == "csv":
        names = text_rows.csv_header(file.path, reading)
        _refuse_repeated(file, names)
        batches = text_rows.csv_batches(file.path, reading)
    else:
        names = text_rows.jsonl_keys(file.path, reading)
        batches = text_rows.jsonl_batches(file.path, reading)
    reader = pa.RecordBatchReader.from_batches(text_rows.schema_of(names), batches)
    con.register("text_rows", reader)
    con.execute("create or replace temp view source_rows as from text_rows")
    return dict.fromkeys(names, "VARCHAR")


def _types(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    described = con.execute("describe source_rows").fetchall()
    return {name: kind for name, kind, *_ in described if name not in _LOAD_NAMES}


def _refuse_repeated(file: LandedFile, names: tuple[str, ...]) -> None:
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise ContractBroken(
            f"{file.name}: the header repeats {repeated}; table {file.feed.entity} is not loaded. "
            "Ask the source to name each column once."
        )


def _check_columns(file: LandedFile, source: SourceColumns) -> None:
    wanted = file.feed.columns_read
    missing = [name for name in wanted if name not in source.types]
    if not missing:
        return
    unexpected = [name for name in source.types if name not in wanted]
    pairs = "; ".join(f"no column {name!r}.{did_you_mean(name, unexpected)}" for name in missing)
    raise ContractBroken(
        f"{file.feed.system}/{file.name}: {pairs} Unexpected columns: {unexpected or 'none'}. "
        f"Table {file.feed.entity} is not loaded; correct the file, or feed {file.feed.name!r} "
        "of the declaration."
    )
