"""People who were erased, taken out of the raw tables; the balances follow."""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from contract.entity import Entity
from contract.sql import quote, transaction
from contract.suppression import Suppressions, identifying_columns
from ingestion.row_checks import content_hash_sql


@dataclass(frozen=True)
class Erased:
    """Rows of one raw table: dropped, or emptied of the person because they are about money.

    blanked: rows of somebody else that lost a value of the person's.
    """

    dropped: int = 0
    emptied: int = 0
    blanked: int = 0


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


def _erase_table(
    con: duckdb.DuckDBPyConnection, entity: Entity, suppressions: Suppressions
) -> Erased:
    table = f'raw_files."{entity.name}"'
    _find_cells(con, entity, table, suppressions)
    if not con.execute("select 1 from forgotten_cells limit 1").fetchall():
        return Erased()
    blanked = _blank(con, entity, table, suppressions)
    chosen = "rowid in (select row_number from forgotten_cells)"
    if entity.when_erased == "empty":
        return Erased(emptied=_empty(con, entity, table, chosen), blanked=blanked)
    return Erased(dropped=_drop(con, table, chosen), blanked=blanked)


def _find_cells(
    con: duckdb.DuckDBPyConnection, entity: Entity, table: str, suppressions: Suppressions
) -> None:
    """`forgotten_cells`: row and column of every value of somebody erased."""
    con.execute(
        "create or replace temp table forgotten_cells (row_number bigint, column_name varchar)"
    )
    for name, kinds in identifying_columns(entity).items():
        system = "customer_system" if name == "customer_key" else "source_system"
        values = con.execute(
            f"select distinct {quote(name)}, {system} from {table} where {quote(name)} is not null"
        ).fetchall()
        found = suppressions.forgotten_among(kinds, values)
        if found:
            con.execute("create or replace temp table forgotten (value varchar, owner varchar)")
            con.executemany("insert into forgotten values (?, ?)", found)
            con.execute(
                f"""insert into forgotten_cells select rows.rowid, ? from {table} as rows
                inner join forgotten on rows.{quote(name)} = forgotten.value
                    and rows.{system} is not distinct from forgotten.owner""",
                [name],
            )


def _blank(
    con: duckdb.DuckDBPyConnection, entity: Entity, table: str, suppressions: Suppressions
) -> int:
    """Rows of others lose the value, and are no `forgotten_cells` any more; how many rows."""
    if "customer_key" not in entity.column_names:
        return 0
    keys = con.execute(
        f"""select distinct customer_system, customer_key from {table}
        where rowid in (select row_number from forgotten_cells) and customer_key is not null"""
    ).fetchall()
    others = [list(key) for key in keys if suppressions.is_of_somebody_else(key[0] or "", key[1])]
    if not others:
        return 0
    con.execute("create or replace temp table other_keys (system varchar, key varchar)")
    con.executemany("insert into other_keys values (?, ?)", others)
    # By what a rewritten row keeps: DuckDB may give an updated row another rowid.
    con.execute(
        f"""create or replace temp table blanked_cells as
        select load_id, source_key, file_line, row_number, column_name
        from forgotten_cells inner join {table} as rows on rows.rowid = row_number
        semi join other_keys on rows.customer_system = other_keys.system
            and rows.customer_key = other_keys.key"""
    )
    con.execute(
        """delete from forgotten_cells
        where row_number in (select row_number from blanked_cells)"""
    )
    row = "load_id, source_key, file_line"
    columns = con.execute("select distinct column_name from blanked_cells").fetchall()
    for (name,) in columns:
        con.execute(
            f"""update {table} set {quote(name)} = null where ({row}) in
            (select {row} from blanked_cells where column_name = ?)""",
            [name],
        )
    changed = con.execute(
        f"""update {table} set content_hash = {content_hash_sql(entity)}
        where not is_deleted and ({row}) in (select {row} from blanked_cells)"""
    ).fetchone()
    return int(changed[0]) if changed else 0


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
