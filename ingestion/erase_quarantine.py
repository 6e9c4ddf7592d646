"""People who were erased, taken out of the quarantined rows; the balances follow."""

from collections.abc import Sequence
from fnmatch import fnmatch

import duckdb

from contract.sql import transaction
from contract.suppression import Suppressions
from ingestion.quarantined import Reader, holds_address
from ingestion.reasons import WORDS
from ingestion.scrub import Landed


def erase_quarantined(
    con: duckdb.DuckDBPyConnection, landed: Landed, suppressions: Suppressions
) -> int:
    """Drop quarantined rows that are about somebody erased; how many.

    A row of somebody else that names the person keeps its reason, without its text.
    """
    rows = con.execute(
        """select entity, source_system, file_name, reason_code, list(rowid), list(row_json)
        from quarantine.files where row_json is not null group by all"""
    ).fetchall()
    gone: list[list[int]] = []
    blanked: list[list[int]] = []
    for entity, system, file_name, reason_code, numbers, texts in rows:
        reader = _reader(landed, (entity, system), file_name, reason_code)
        for number, text in zip(numbers, texts, strict=True):
            has_key = reader is not None and reader.holds_key(text, suppressions)
            if not has_key and not holds_address(text, suppressions):
                continue
            is_other = reader is not None and reader.is_of_somebody_else(text, suppressions)
            (blanked if is_other else gone).append([number])
    with transaction(con):
        _note_rows(con, "gone_rows", gone)
        con.execute(
            """update raw_control.loads set rows_quarantined = rows_quarantined - gone.count,
                rows_erased = coalesce(rows_erased, 0) + gone.count
            from (select load_id, count(*) as count from quarantine.files
                where rowid in (from gone_rows) group by load_id) as gone
            where loads.load_id = gone.load_id"""
        )
        con.execute("delete from quarantine.files where rowid in (from gone_rows)")
        # After the others went: an updated row may have another rowid.
        _note_rows(con, "blanked_rows", blanked)
        con.execute(
            "update quarantine.files set row_json = null where rowid in (from blanked_rows)"
        )
    return len(gone)


def _reader(landed: Landed, of: tuple[str, str], file_name: str, reason_code: str) -> Reader | None:
    """How to read such a row, of (entity, system); None where no feed is declared any more."""
    for declaration in landed.declarations:
        for feed in declaration.feeds:
            if (feed.entity, feed.system) != of or not fnmatch(file_name, feed.glob):
                continue
            entity = landed.entities[feed.entity]
            if reason_code in WORDS:
                return Reader.of_typed_rows(entity, feed)
            return Reader.of_file(entity, feed, landed.folder / declaration.folder / file_name)
    return None


def _note_rows(con: duckdb.DuckDBPyConnection, name: str, numbers: Sequence[Sequence[int]]) -> None:
    con.execute(f"create or replace temp table {name} (row_number bigint)")
    if numbers:
        con.executemany(f"insert into {name} values (?)", numbers)
