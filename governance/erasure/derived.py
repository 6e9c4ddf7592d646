"""People taken out of the tables that are made from others, of any DuckDB database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from contract.sql import literal, quote

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from governance.erasure.identifiers import Identifiers

# Schemas of which ingestion and orchestration take care, or that nobody's data is in.
_OTHERS = ("raw_files", "raw_control", "quarantine", "seeds", "quality")
# Rows about money stay in the books: there only the cells that name the person are emptied.
_MONEY = re.compile(r"^(fct|int)_(orders?|order_lines|returns|refunds|invoices|payments)(__|$)")
# Ids of records and devices are made like those of orders: looked for only where they stand.
_KEY_COLUMNS = re.compile(r"(^|_)(record_id|cluster_id|device_id|visitor_key|visitor_id)(_|$)")
# A number is looked for only where numbers of people stand: an order may have the same one.
_NUMBER_COLUMNS = {
    "phone", "phone_number", "address", "value", "identifier_value", "loyalty_card_key", "card",
}  # fmt: skip


@dataclass(frozen=True)
class Wiped:
    """Tables touched, rows deleted, rows kept for their money without the person."""

    tables: int = 0
    deleted: int = 0
    emptied: int = 0


def wipe(con: DuckDBPyConnection, person: Identifiers, key: bytes) -> Wiped:
    """Take the person out of every table of the warehouse but the raw ones."""
    _note(con, person, key)
    tables = deleted = emptied = 0
    for schema, table, columns in _tables(con):
        conditions = {name: _condition(name, kind) for name, kind in columns.items()}
        cells = {name: sql for name, sql in conditions.items() if sql}
        where = " or ".join([*cells.values(), *_keys(columns)])
        if not where:
            continue
        full = f"{quote(schema)}.{quote(table)}"
        if _MONEY.match(table):
            assign = ", ".join(
                f"{quote(name)} = case when {sql} then null else {quote(name)} end"
                for name, sql in cells.items()
            )
            count = _count(con, f"update {full} set {assign} where {where}") if cells else 0
            emptied += count
        else:
            count = _count(con, f"delete from {full} where {where}")
            deleted += count
        tables += bool(count)
    return Wiped(tables, deleted, emptied)


def _note(con: DuckDBPyConnection, person: Identifiers, key: bytes) -> None:
    """Temporary tables of what is looked for."""
    lists = {
        "person_words": person.words(key),
        "person_numbers": person.numbers(),
        "person_ids": person.keys(),
    }
    for name, values in lists.items():
        con.execute(f"create or replace temp table {name} (value varchar)")
        if values:
            con.executemany(f"insert into {name} values (?)", [[value] for value in values])
    con.execute("create or replace temp table person_keys (system varchar, key varchar)")
    if person.records:
        con.executemany("insert into person_keys values (?, ?)", [list(r) for r in person.records])


def _tables(con: DuckDBPyConnection) -> Iterator[tuple[str, str, dict[str, str]]]:
    skipped = ", ".join(literal(name) for name in _OTHERS)
    rows = con.execute(
        f"""select tables.schema_name, tables.table_name,
            list(columns.column_name order by columns.column_index),
            list(columns.data_type order by columns.column_index)
        from duckdb_tables() as tables
        inner join duckdb_columns() as columns
            on tables.table_oid = columns.table_oid and tables.schema_oid = columns.schema_oid
            and tables.database_oid = columns.database_oid
        where not tables.temporary and not tables.internal
            and tables.database_name = current_database()
            and tables.schema_name not in ({skipped})
        group by all order by all"""
    ).fetchall()
    for schema, table, names, kinds in rows:
        yield schema, table, dict(zip(names, kinds, strict=True))


def _condition(name: str, kind: str) -> str | None:
    column = quote(name)
    if kind == "VARCHAR[]":
        return f"coalesce(list_has_any({column}, (select list(value) from person_words)), false)"
    if kind not in {"VARCHAR", "JSON"}:
        return None
    if name.endswith("_json") or kind == "JSON":
        inside = f"contains(cast({quote(name)} as varchar), value)"
        return f"exists (select 1 from person_words where {inside})"
    sql = f"coalesce({column} in (select value from person_words), false)"
    if _KEY_COLUMNS.search(name):
        sql = f"({sql} or coalesce({column} in (select value from person_ids), false))"
    if name in _NUMBER_COLUMNS:
        sql = f"({sql} or coalesce({column} in (select value from person_numbers), false))"
    return sql


def _keys(columns: dict[str, str]) -> list[str]:
    """Tables that keep a source's own key beside its system."""
    systems = [name for name in ("customer_system", "source_system") if name in columns]
    if "customer_key" not in columns or not systems:
        return []
    return [f"({quote(systems[0])}, customer_key) in (select system, key from person_keys)"]


def _count(con: DuckDBPyConnection, statement: str) -> int:
    row = con.execute(statement).fetchone()
    return int(row[0]) if row else 0


def compact(path: Path) -> int:
    """Copy the database into a new file that takes its place: freed blocks go; bytes it has now.

    Nobody else may have the file open.
    """
    import duckdb

    fresh = path.with_name(f".{path.name}.compacting")
    fresh.unlink(missing_ok=True)
    with duckdb.connect() as con:
        con.execute(f"attach {literal(str(path))} as {quote(path.stem)} (read_only)")
        con.execute(f"attach {literal(str(fresh))} as new")
        con.execute(f"copy from database {quote(path.stem)} to new")
        con.execute("checkpoint new")
        con.execute("detach new")
        con.execute(f"detach {quote(path.stem)}")
    fresh.chmod(path.stat().st_mode & 0o777)
    fresh.replace(path)
    path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
    return path.stat().st_size
