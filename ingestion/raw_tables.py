"""The raw and control tables: created empty, so that a company may start with two sources."""

from collections.abc import Mapping

import duckdb

from contract.entity import Entity

_LOAD_COLUMNS = {
    "source_key": "varchar",
    "content_hash": "varchar",
    "known_at": "timestamp",
    "loaded_at": "timestamp",
    "is_deleted": "boolean",
    "load_id": "varchar",
    "file_name": "varchar",
    "file_line": "bigint",
}

_CONTROL_TABLES = """
create schema if not exists raw_control;
create schema if not exists raw_files;
create schema if not exists quarantine;
create table if not exists raw_control.run (
    run_id varchar, as_of_date date, started_at timestamp);
create table if not exists raw_control.cut_offs (as_of_date date, wanted_since timestamp);
create table if not exists raw_control.sources (
    entity varchar, source_system varchar, is_connected boolean, last_checked_at timestamp,
    data_through timestamp, cadence_days integer);
create table if not exists raw_control.loads (
    load_id varchar, entity varchar, source_system varchar, file_name varchar, sha256 varchar,
    rows_read bigint, rows_loaded bigint, rows_quarantined bigint, rows_duplicate bigint,
    known_at_rule varchar, delivered_at timestamp, loaded_at timestamp, rows_erased bigint);
alter table raw_control.loads add column if not exists rows_erased bigint default 0;
create table if not exists raw_control.files_to_scrub (source_system varchar, file_name varchar);
create table if not exists raw_control.files_seen (
    entity varchar, source_system varchar, feed varchar, file_name varchar, byte_count bigint,
    modified_ns bigint, content_key varchar, feed_digest varchar);
create table if not exists raw_control.unfinished_loads (entity varchar);
create table if not exists quarantine.files (
    entity varchar, source_system varchar, file_name varchar, file_line bigint,
    reason_code varchar, reason varchar, column_name varchar, row_json varchar,
    load_id varchar, quarantined_at timestamp);
"""


def load_columns(entity: Entity) -> dict[str, str]:
    """What the loading adds to the columns of the entity, with DuckDB types, in order.

    `<kind>_system` names the system whose keys the column `<kind>_key` holds.
    """
    spaces = {f"{kind}_system": "varchar" for kind in entity.key_spaces}
    return {"source_system": "varchar"} | spaces | _LOAD_COLUMNS


def raw_columns(entity: Entity) -> dict[str, str]:
    """Columns of raw_files.<entity> with their DuckDB types, in order."""
    return {column.name: column.sql_type for column in entity.columns} | load_columns(entity)


def prepare(con: duckdb.DuckDBPyConnection, entities: Mapping[str, Entity]) -> None:
    """Create what is missing: control tables, one raw table per entity, its new columns.

    An entity that no system ever delivered gets one row in raw_control.sources that says so.
    """
    con.execute(_CONTROL_TABLES)
    present = _present_columns(con)
    for entity in entities.values():
        columns = raw_columns(entity)
        if entity.name not in present:
            listed = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
            con.execute(f'create table raw_files."{entity.name}" ({listed})')
            continue
        for name, kind in columns.items():
            if name not in present[entity.name]:
                con.execute(f'alter table raw_files."{entity.name}" add column "{name}" {kind}')
                _fill(con, entity, name)
    con.executemany(
        """insert into raw_control.sources select $1, null, false, null, null, null
        where not exists (select 1 from raw_control.sources where entity = $1)""",
        [[name] for name in entities],
    )


def _fill(con: duckdb.DuckDBPyConnection, entity: Entity, name: str) -> None:
    """Rows loaded before a load column existed: their keys were the system's own, none deleted."""
    values = {f"{kind}_system": "source_system" for kind in entity.key_spaces}
    values["is_deleted"] = "false"
    if name in values:
        con.execute(f'update raw_files."{entity.name}" set "{name}" = {values[name]}')


def _present_columns(con: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    rows = con.execute(
        "select table_name, list(column_name) from information_schema.columns "
        "where table_schema = 'raw_files' group by table_name"
    ).fetchall()
    return {table: set(columns) for table, columns in rows}
