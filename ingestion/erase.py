"""People who were erased, taken out of the raw tables and the quarantine; the balances follow."""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from contract.entity import Entity
from contract.sql import quote, transaction
from contract.suppression import KINDS, Suppressions, identifying_columns
from ingestion.row_checks import content_hash_sql
from ingestion.suppress import holds_forgotten


@dataclass(frozen=True)
class Erased:
    """Rows of one raw table: dropped, or emptied of the person because they are about money."""

    dropped: int = 0
    emptied: int = 0


def erase_raw(
    con: duckdb.DuckDBPyConnection, entities: Mapping[str, Entity], suppressions: Suppressions
) -> dict[str, Erased]:
    """Entity → what was taken out, of every version, whatever its time. con: the warehouse."""
    found = {}
    for entity in entities.values():
        if not identifying_columns(entity):
            continue
        with transaction(con):
            erased = _erase_table(con, entity, suppressions)
        if erased != Erased():
            found[entity.name] = erased
    return found


def erase_quarantined(con: duckdb.DuckDBPyConnection, suppressions: Suppressions) -> int:
    """Drop quarantined rows that name somebody erased; how many."""
    rows = con.execute(
        "select rowid, source_system, row_json from quarantine.files where row_json is not null"
    ).fetchall()
    gone = [
        [rowid]
        for rowid, system, text in rows
        if holds_forgotten(text, KINDS, system, suppressions)
    ]
    if not gone:
        return 0
    with transaction(con):
        con.execute("create or replace temp table gone_rows (row_number bigint)")
        con.executemany("insert into gone_rows values (?)", gone)
        con.execute(
            """update raw_control.loads set rows_quarantined = rows_quarantined - gone.count,
                rows_erased = coalesce(rows_erased, 0) + gone.count
            from (select load_id, count(*) as count from quarantine.files
                where rowid in (from gone_rows) group by load_id) as gone
            where loads.load_id = gone.load_id"""
        )
        con.execute("delete from quarantine.files where rowid in (from gone_rows)")
    return len(gone)


def _erase_table(
    con: duckdb.DuckDBPyConnection, entity: Entity, suppressions: Suppressions
) -> Erased:
    table = f'raw_files."{entity.name}"'
    con.execute("create or replace temp table forgotten_rows (row_number bigint)")
    for name, kinds in identifying_columns(entity).items():
        system = "customer_system" if name == "customer_key" else "source_system"
        values = con.execute(
            f"select distinct {quote(name)}, {system} from {table} where {quote(name)} is not null"
        ).fetchall()
        found = [
            [value, owner]
            for value, owner in values
            if suppressions.forgotten_since(kinds, value, owner or "") is not None
        ]
        if found:
            con.execute("create or replace temp table forgotten (value varchar, owner varchar)")
            con.executemany("insert into forgotten values (?, ?)", found)
            con.execute(
                f"""insert into forgotten_rows select rows.rowid from {table} as rows
                inner join forgotten on rows.{quote(name)} = forgotten.value
                    and rows.{system} is not distinct from forgotten.owner"""
            )
    if not con.execute("select 1 from forgotten_rows limit 1").fetchall():
        return Erased()
    chosen = "rowid in (select row_number from forgotten_rows)"
    if entity.when_erased == "empty":
        return Erased(emptied=_empty(con, entity, table, chosen))
    return Erased(dropped=_drop(con, table, chosen))


def _empty(con: duckdb.DuckDBPyConnection, entity: Entity, table: str, chosen: str) -> int:
    names = [name for name in entity.direct_columns if name not in entity.key]
    emptied = ", ".join(f"{quote(name)} = null" for name in names)
    # Before it is emptied: DuckDB may give an updated row another rowid.
    keys = f"select load_id, source_key, file_line from {table} where {chosen}"
    con.execute(f"create or replace temp table emptied_rows as {keys}")
    row = con.execute(f"update {table} set {emptied} where {chosen}").fetchone()
    con.execute(
        f"""update {table} set content_hash = {content_hash_sql(entity)}
        where not is_deleted and (load_id, source_key, file_line) in (from emptied_rows)"""
    )
    return int(row[0]) if row else 0


def _drop(con: duckdb.DuckDBPyConnection, table: str, chosen: str) -> int:
    con.execute(
        f"""update raw_control.loads set rows_loaded = rows_loaded - gone.count,
            rows_erased = coalesce(rows_erased, 0) + gone.count
        from (select load_id, count(*) as count from {table} where {chosen}
            group by load_id) as gone
        where loads.load_id = gone.load_id"""
    )
    row = con.execute(f"delete from {table} where {chosen}").fetchone()
    return int(row[0]) if row else 0
