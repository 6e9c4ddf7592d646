"""Rows about people who were erased: recognised by keyed hash, dropped or emptied before judging.

Only the values that tell whose a row is are hashed, each once. Without a list nothing is done.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from contract.entity import Entity
from contract.sql import quote
from contract.suppression import KINDS, Kind, Suppressions, identifying_columns
from ingestion.feed import Feed
from ingestion.judged_sql import ROW
from ingestion.row_checks import content_hash_sql

_TOKEN = re.compile(r"[^\s\"',;|<>{}\[\]()=&?:]+")
_SPACED_NUMBER = re.compile(r"\+?\d[\d .\-/]{6,20}\d")
_ADDRESSES: tuple[Kind, ...] = ("email", "phone")


@dataclass(frozen=True)
class Suppressed:
    """Rows of one file: erased are gone, emptied stay without the person."""

    erased: int = 0
    emptied: int = 0


def suppress(
    con: duckdb.DuckDBPyConnection,
    entity: Entity,
    feed: Feed,
    position: int,
    suppressions: Suppressions,
) -> Suppressed:
    """Take the people who were erased out of the rows of one file in `delivered`."""
    if not suppressions or not identifying_columns(entity):
        return Suppressed()
    mark(con, entity, feed, position, suppressions)
    if entity.when_erased == "empty":
        return Suppressed(emptied=_empty(con, entity))
    gone = con.execute(f"delete from delivered where ({ROW}) in (from forgotten_rows)").fetchone()
    return Suppressed(erased=int(gone[0]) if gone else 0)


def mark(
    con: duckdb.DuckDBPyConnection,
    entity: Entity,
    feed: Feed,
    position: int,
    suppressions: Suppressions,
) -> None:
    """`forgotten_rows`: the rows of one file of `delivered` that are about somebody erased."""
    con.execute(
        f"create or replace temp table forgotten_rows as select {ROW} from delivered limit 0"
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
        system = feed.key_system("customer") if name == "customer_key" else feed.system
        found = list(_forgotten((value for (value,) in values), kinds, system, suppressions))
        if found:
            con.execute("create or replace temp table forgotten (value varchar, since timestamp)")
            con.executemany("insert into forgotten values (?, ?)", found)
            con.execute(
                f"""insert into forgotten_rows select {ROW} from delivered
                inner join forgotten on delivered.{quote(name)} = forgotten.value
                where file_position = ? and {happened} < forgotten.since""",
                [position],
            )
    _mark_unreadable(con, feed, position, suppressions)


def _forgotten(
    values: Iterable[str], kinds: tuple[Kind, ...], system: str, suppressions: Suppressions
) -> Iterator[tuple[str, datetime]]:
    for value in values:
        since = suppressions.forgotten_since(kinds, value, system)
        if since is not None:
            yield value, since


def _mark_unreadable(
    con: duckdb.DuckDBPyConnection, feed: Feed, position: int, suppressions: Suppressions
) -> None:
    """Rows that fail a check keep their text in the quarantine: its words are looked at, too."""
    rows = con.execute(
        f"select {ROW}, problem is not null, row_json from delivered"
        " where file_position = ? and failed_check is not null and row_json is not null",
        [position],
    ).fetchall()
    system = feed.key_system("customer")
    for *row, is_unreadable, text in rows:
        kinds = KINDS if is_unreadable else _ADDRESSES
        if holds_forgotten(text, kinds, system, suppressions):
            con.execute("insert into forgotten_rows values (?, ?, ?)", row)


def holds_forgotten(
    text: str, kinds: tuple[Kind, ...], system: str, suppressions: Suppressions
) -> bool:
    """Whether a word of the text, or a number written with spaces, is somebody's who was erased."""
    words = {*_TOKEN.findall(text), *_SPACED_NUMBER.findall(text)}
    return any(suppressions.forgotten_since(kinds, word, system) for word in words)


def file_holds_forgotten(path: Path, feed: Feed, suppressions: Suppressions) -> bool:
    """Whether a file that cannot be read as a table names an address of somebody erased."""
    if not suppressions:
        return False
    raw = path.read_bytes()
    texts = (raw.decode("latin-1"), raw.decode("utf-16", errors="ignore"))
    return any(holds_forgotten(text, _ADDRESSES, feed.system, suppressions) for text in texts)


def _empty(con: duckdb.DuckDBPyConnection, entity: Entity) -> int:
    """Take the person out of the rows: money stays in the books."""
    names = [name for name in entity.direct_columns if name not in entity.key]
    emptied = ", ".join(f"{quote(name)} = null" for name in names)
    rows = con.execute(
        f"update delivered set {emptied}, row_json = null where ({ROW}) in (from forgotten_rows)"
    ).fetchone()
    con.execute(
        f"update delivered set content_hash = {content_hash_sql(entity)}"
        f" where ({ROW}) in (from forgotten_rows)"
    )
    return int(rows[0]) if rows else 0
