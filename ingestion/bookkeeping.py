"""What was loaded, written in one transaction with the quarantined rows; it acknowledges a load.

A load that is not acknowledged here did not happen: its rows are taken out and it is done again.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import duckdb

from contract.entity import Entity
from contract.sql import transaction
from ingestion.landed_files import LandedFile, Pending
from ingestion.reports import FileReport

# (feed, file name) to (bytes, modification time, content key, digest of the feed).
Seen = dict[tuple[str, str], tuple[int, int, str, str]]

_SEEN = """select feed, file_name, byte_count, modified_ns, content_key, feed_digest
from raw_control.files_seen where entity = ? and source_system = ?"""


def seen_files(con: duckdb.DuckDBPyConnection, entity: str, system: str) -> Seen:
    """The files of a system as they were when last loaded into this table."""
    rows = con.execute(_SEEN, [entity, system]).fetchall()
    return {(feed, name): tuple(seen) for feed, name, *seen in rows}


def begin(con: duckdb.DuckDBPyConnection, entity: str) -> None:
    """Say that a load of this table is under way, so that a killed one is found."""
    con.execute("insert into raw_control.unfinished_loads values (?)", [entity])


def take_back_unfinished(con: duckdb.DuckDBPyConnection, entity: str) -> int:
    """Take out the rows of loads that were never acknowledged; returns how many.

    Costs one look at a tiny table unless a load of this table was killed.
    """
    begun = con.execute(
        "select 1 from raw_control.unfinished_loads where entity = ? limit 1", [entity]
    ).fetchone()
    if begun is None:
        return 0
    with transaction(con):
        row = con.execute(f"""delete from raw_files."{entity}" where load_id not in (
            select load_id from raw_control.loads where entity = '{entity}')""").fetchone()
        con.execute("delete from raw_control.unfinished_loads where entity = ?", [entity])
    return int(row[0]) if row else 0


def forget_loads(con: duckdb.DuckDBPyConnection, entity: str, load_ids: Sequence[str]) -> None:
    """Take out rows, quarantine and record of loads whose declaration changed since."""
    if not load_ids:
        return
    with transaction(con):
        for table in (f'raw_files."{entity}"', "quarantine.files", "raw_control.loads"):
            con.execute(
                f"delete from {table} where load_id in (select unnest(?))", [list(load_ids)]
            )


def loaded_counts(
    con: duckdb.DuckDBPyConnection, entity: str, load_ids: Iterable[str]
) -> dict[str, int]:
    """Rows that the raw table really holds, per load."""
    rows = con.execute(
        f'select load_id, count(*) from raw_files."{entity}" '
        "where load_id in (select unnest(?)) group by load_id",
        [list(load_ids)],
    ).fetchall()
    return dict(rows)


def acknowledge(
    con: duckdb.DuckDBPyConnection,
    entity: Entity,
    loaded: Sequence[tuple[Pending, FileReport]],
    now: datetime,
) -> None:
    """Record the loads and their quarantined rows, all or nothing. now is naive UTC."""
    with transaction(con):
        con.execute("insert into quarantine.files from quarantined")
        for item, report in loaded:
            con.execute(
                "insert into raw_control.loads values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    report.load_id,
                    entity.name,
                    report.source_system,
                    report.file_name,
                    report.sha256,
                    report.rows_read,
                    report.rows_loaded,
                    report.rows_quarantined,
                    report.rows_duplicate,
                    report.known_at_rule,
                    report.delivered_at,
                    now,
                    report.rows_erased,
                ],
            )
            if report.rows_erased or report.rows_emptied:
                con.execute(
                    "insert into raw_control.files_to_scrub values (?, ?)",
                    [report.source_system, report.file_name],
                )
            remember_file(con, item.file, item.content_key)
        con.execute("delete from raw_control.unfinished_loads where entity = ?", [entity.name])
        for system in {report.source_system for _, report in loaded}:
            _connect(con, entity, [pair for pair in loaded if pair[1].source_system == system])


def remember_file(con: duckdb.DuckDBPyConnection, file: LandedFile, content_key: str) -> None:
    """Know this file by name, size and time, so that its content is not read again."""
    con.execute(
        "delete from raw_control.files_seen "
        "where entity = ? and source_system = ? and feed = ? and file_name = ?",
        [file.feed.entity, file.feed.system, file.feed.name, file.name],
    )
    con.execute(
        "insert into raw_control.files_seen values (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            file.feed.entity,
            file.feed.system,
            file.feed.name,
            file.name,
            file.byte_count,
            file.modified_ns,
            content_key,
            file.feed.digest,
        ],
    )


def _connect(
    con: duckdb.DuckDBPyConnection,
    entity: Entity,
    loaded: Sequence[tuple[Pending, FileReport]],
) -> None:
    """One row in raw_control.sources for a system that delivered; data_through only grows."""
    con.execute(
        "delete from raw_control.sources where entity = ? and source_system is null", [entity.name]
    )
    system = loaded[0][1].source_system
    through = max(_through(con, entity, item) for item, _ in loaded)
    row = con.execute(
        "delete from raw_control.sources where entity = ? and source_system = ? "
        "returning data_through",
        [entity.name, system],
    ).fetchone()
    if row is not None and row[0] is not None:
        through = max(through, row[0])
    con.execute(
        "insert into raw_control.sources values (?, ?, true, null, ?, ?)",
        [entity.name, system, through, max(item.file.feed.cadence_days for item, _ in loaded)],
    )


def _through(con: duckdb.DuckDBPyConnection, entity: Entity, item: Pending) -> datetime:
    """Up to when a file tells: as stated, else its last event of a history, else its delivery."""
    delivery = item.file.delivery
    if delivery.covers_until is not None:
        return delivery.covers_until
    if delivery.is_history and entity.happened_at is not None:
        row = con.execute(
            f'select max("{entity.happened_at}")::timestamp from raw_files."{entity.name}" '
            "where load_id = ?",
            [item.load_id],
        ).fetchone()
        if row and isinstance(row[0], datetime):
            return row[0]
    return delivery.delivered_at
