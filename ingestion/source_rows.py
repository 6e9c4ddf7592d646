"""One landed file as a DuckDB relation `source_rows`: the rows of one feed, before any typing.

Its columns: those of the file (of a JSON file, those that the declaration reads), the paths into
nested JSON that the declaration reads, _file_line, _item_position (0 without `explode`), _problem
and _raw_text of a row that cannot be read.
"""

from collections import Counter

import duckdb

from contract.entity import Entity
from contract.errors import did_you_mean
from ingestion import limits
from ingestion.column_sql import SourceColumns, belongs
from ingestion.errors import ContractBroken
from ingestion.feed import ITEM_POSITION, Feed
from ingestion.file_rows import FileRows, open_file_rows
from ingestion.landed_files import LandedFile
from ingestion.nested import exploded_sql, is_of_item, prefixes, with_paths_sql


def open_source(
    con: duckdb.DuckDBPyConnection, entity: Entity, file: LandedFile
) -> tuple[SourceColumns, FileRows]:
    """Create the temporary view `source_rows` over the file, and say what columns it has.

    Raises ContractBroken when the file lacks a column its declaration reads, FileRefused or
    FileIncomplete when it cannot be read as a whole.
    """
    rows = open_file_rows(con, file)
    limits.check_width(file.name, len(rows.names or ()))
    _refuse_repeated(file, rows.names or ())
    _check_columns(entity, file, rows)
    sql, types = _reached_into(file.feed, rows.types)
    source = SourceColumns(types, file.feed.reading)
    where = belongs(file.feed.only_when, source)
    con.execute(f"create or replace temp view source_rows as select * from ({sql}) where {where}")
    return source, rows


def close_source(con: duckdb.DuckDBPyConnection) -> None:
    """Forget the file opened last."""
    con.execute("drop view if exists source_rows")
    con.execute("drop view if exists file_rows")
    con.unregister("text_rows")


def _reached_into(feed: Feed, types: dict[str, str]) -> tuple[str, dict[str, str]]:
    """SQL over `file_rows` with the paths and elements that the feed reads, and all its columns."""
    wanted = [*feed.columns_read, *([feed.explode] if feed.explode else [])]
    items = [name for name in feed.columns_read if is_of_item(feed, name)]
    paths = [name for name in dict.fromkeys(wanted) if name not in {*types, *items}]
    sql = with_paths_sql("file_rows", paths, types)
    hidden = [name for name in items if name in types]
    types = types | dict.fromkeys(paths, "VARCHAR") | dict.fromkeys(items, "VARCHAR")
    if feed.explode is None:
        return f"select *, 0::bigint as _item_position from ({sql})", types
    if ITEM_POSITION in items:
        types[ITEM_POSITION] = "BIGINT"
    return exploded_sql(sql, feed.explode, items, hidden), types


def _refuse_repeated(file: LandedFile, names: tuple[str, ...]) -> None:
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise ContractBroken(
            f"{file.name}: the header repeats {repeated}; table {file.feed.entity} is not loaded. "
            "Ask the source to name each column once."
        )


def _check_columns(entity: Entity, file: LandedFile, rows: FileRows) -> None:
    """Refuse a file without a column that is read."""
    if rows.names is None:
        return
    wanted = _needed_keys(entity, file.feed) if rows.is_json else file.feed.columns_read
    known = set(rows.names)
    missing = [
        name
        for name in wanted
        if not is_of_item(file.feed, name) and known.isdisjoint(prefixes(name))
    ]
    if not missing:
        return
    unexpected = [name for name in rows.names if name not in file.feed.columns_read]
    pairs = "; ".join(f"no column {name!r}.{did_you_mean(name, unexpected)}" for name in missing)
    raise ContractBroken(
        f"{file.feed.system}/{file.name}: {pairs} Unexpected columns: {unexpected or 'none'}. "
        f"Table {file.feed.entity} is not loaded; correct the file, or feed {file.feed.name!r} "
        "of the declaration."
    )


def _needed_keys(entity: Entity, feed: Feed) -> tuple[str, ...]:
    """Keys that JSON may not leave out: a source says nothing where it has nothing to say."""
    if feed.only_when:  # the rows at the file's begin may all belong to other feeds
        return ()
    rules = [rule for rule in feed.rules if entity.column(rule.name).required]
    return tuple(dict.fromkeys(name for rule in rules for name in rule.columns_read))
