"""Rows about people who were erased: recognised by keyed hash, dropped or emptied before judging.

Only the values that tell whose a row is are hashed, each once. Without a list nothing is done.
A row of somebody else, who once gave a value of the erased person's, loses that value only.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from contract.entity import Entity
from contract.sql import quote
from contract.suppression import Kind, Suppressions, identifying_columns
from ingestion.feed import Feed
from ingestion.judged_sql import ROW
from ingestion.landed_files import LandedFile
from ingestion.quarantined import Reader, holds_address
from ingestion.row_checks import content_hash_sql


@dataclass(frozen=True)
class Suppressed:
    """Rows of one file: erased are gone, emptied stay without the person."""

    erased: int = 0
    emptied: int = 0


def suppress(
    con: duckdb.DuckDBPyConnection,
    entity: Entity,
    file: LandedFile,
    position: int,
    suppressions: Suppressions,
) -> Suppressed:
    """Take the people who were erased out of the rows of one file in `delivered`."""
    if not suppressions or not identifying_columns(entity):
        return Suppressed()
    mark(con, entity, file, position, suppressions)
    blanked = _blank(con, entity)
    if entity.when_erased == "empty":
        return Suppressed(emptied=blanked + _empty(con, entity))
    gone = con.execute(f"delete from delivered where ({ROW}) in (from forgotten_rows)").fetchone()
    return Suppressed(erased=int(gone[0]) if gone else 0, emptied=blanked)


def mark(
    con: duckdb.DuckDBPyConnection,
    entity: Entity,
    file: LandedFile,
    position: int,
    suppressions: Suppressions,
) -> None:
    """`forgotten_rows`: the rows of one file of `delivered` that are about somebody erased.

    `mentioning_rows`: rows of somebody else, each with the column that holds a value of theirs; no
    column where only the text that a refused row keeps does.
    """
    con.execute(
        f"""create or replace temp table forgotten_cells as
        select {ROW}, '' as column_name from delivered limit 0"""
    )
    happened = "timestamp '0001-01-01'"
    if entity.happened_at is not None:
        happened = f"coalesce(cast({quote(entity.happened_at)} as timestamp), {happened})"
    for name, kinds in identifying_columns(entity).items():
        values = con.execute(
            f"select distinct {quote(name)} from delivered"
            f" where file_position = ? and {quote(name)} is not null",
            [position],
        ).fetchall()
        system = file.feed.key_system("customer") if name == "customer_key" else file.feed.system
        found = list(_forgotten((value for (value,) in values), kinds, system, suppressions))
        if found:
            con.execute("create or replace temp table forgotten (value varchar, since timestamp)")
            con.executemany("insert into forgotten values (?, ?)", found)
            con.execute(
                f"""insert into forgotten_cells select {ROW}, ? from delivered
                inner join forgotten on delivered.{quote(name)} = forgotten.value
                where file_position = ? and {happened} < forgotten.since""",
                [name, position],
            )
    _mark_refused(con, entity, file, position, suppressions)
    _part_others(con, entity, file.feed, suppressions)


def _forgotten(
    values: Iterable[str], kinds: tuple[Kind, ...], system: str, suppressions: Suppressions
) -> Iterator[tuple[str, datetime]]:
    for value in values:
        since = suppressions.forgotten_since(kinds, value, system)
        if since is not None:
            yield value, since


def _mark_refused(
    con: duckdb.DuckDBPyConnection,
    entity: Entity,
    file: LandedFile,
    position: int,
    suppressions: Suppressions,
) -> None:
    """Rows that fail a check keep their text in the quarantine: it is looked at, too."""
    rows = con.execute(
        f"select {ROW}, problem is not null, row_json from delivered"
        " where file_position = ? and failed_check is not null and row_json is not null",
        [position],
    ).fetchall()
    reader = Reader.of_file(entity, file.feed, file.path)
    for *row, is_unreadable, text in rows:
        is_theirs = is_unreadable and reader.holds_key(text, suppressions)
        if is_theirs or holds_address(text, suppressions):
            con.execute("insert into forgotten_cells values (?, ?, ?, '')", row)


def _part_others(
    con: duckdb.DuckDBPyConnection, entity: Entity, feed: Feed, suppressions: Suppressions
) -> None:
    """Rows under a key of somebody who was not erased are not about the person."""
    others: list[str] = []
    if "customer_key" in entity.column_names:
        keys = con.execute(
            f"""select distinct customer_key from delivered
            where ({ROW}) in (select {ROW} from forgotten_cells) and customer_key is not null"""
        ).fetchall()
        system = feed.key_system("customer")
        others = [key for (key,) in keys if suppressions.is_of_somebody_else(system, key)]
    is_other = "customer_key in (select unnest(?::varchar[]))" if others else "false"
    con.execute(
        f"""create or replace temp table mentioning_rows as
        select {ROW}, column_name from forgotten_cells
        where ({ROW}) in (select {ROW} from delivered where {is_other})""",
        [others] if others else [],
    )
    con.execute(
        f"""create or replace temp table forgotten_rows as
        select distinct {ROW} from forgotten_cells
        where ({ROW}) not in (select {ROW} from mentioning_rows)"""
    )


def file_holds_forgotten(path: Path, suppressions: Suppressions) -> bool:
    """Whether a file that cannot be read as a table names an address of somebody erased."""
    if not suppressions:
        return False
    raw = path.read_bytes()
    texts = (raw.decode("latin-1"), raw.decode("utf-16", errors="ignore"))
    return any(holds_address(text, suppressions) for text in texts)


def _blank(con: duckdb.DuckDBPyConnection, entity: Entity) -> int:
    """Take the values of the erased person out of the rows of others; how many rows."""
    columns = con.execute("select distinct column_name from mentioning_rows").fetchall()
    if not columns:
        return 0
    for (name,) in columns:
        emptied = f", {quote(name)} = null" if name else ""
        con.execute(
            f"""update delivered set row_json = null{emptied} where ({ROW}) in
            (select {ROW} from mentioning_rows where column_name = ?)""",
            [name],
        )
    return _hash_again(con, entity, f"({ROW}) in (select {ROW} from mentioning_rows)")


def _empty(con: duckdb.DuckDBPyConnection, entity: Entity) -> int:
    """Take the person out of the rows: money stays in the books."""
    names = [name for name in entity.direct_columns if name not in entity.key]
    emptied = ", ".join(f"{quote(name)} = null" for name in names)
    chosen = f"({ROW}) in (from forgotten_rows)"
    con.execute(f"update delivered set {emptied}, row_json = null where {chosen}")
    return _hash_again(con, entity, chosen)


def _hash_again(con: duckdb.DuckDBPyConnection, entity: Entity, chosen: str) -> int:
    row = con.execute(
        f"update delivered set content_hash = {content_hash_sql(entity)} where {chosen}"
    ).fetchone()
    return int(row[0]) if row else 0
