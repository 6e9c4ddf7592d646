"""Reads a connected system into its landing folder: one delivery, its manifest written last.

An extraction counts once its manifest is there; one that was killed before is done again.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from contract import crash_points
from ingestion.errors import ContractBroken, SourceUnavailable
from ingestion.landed_state import Landing, State, written
from ingestion.place import Place
from ingestion.read_table import TableRead, TableReading
from ingestion.source import Reader, Source, SourceTable

_MEMORY = "1GB"  # of DuckDB; more is spilled to the working folder


@dataclass(frozen=True)
class TableReport:
    """What one table gave: rows read, those that were news (landed), keys that were gone.

    stated_count is the system's own count of the rows asked for; cursor is naive UTC.
    """

    name: str
    rows: int
    pages: int
    stated_count: int | None
    cursor: datetime | None
    deleted: int
    landed: int


@dataclass(frozen=True)
class ExtractReport:
    """What one extraction landed; notices are sentences for the operator."""

    system: str
    tables: tuple[TableReport, ...] = ()
    notices: tuple[str, ...] = ()


def extract(
    source: Source,
    settings: Mapping[str, str],
    place: Place,
    *,
    now: datetime,
    full: bool = False,
) -> ExtractReport:
    """Land what is new in every table of the source; now is UTC.

    full reads everything again and takes changed columns as they are. A table that cannot be read,
    or that lost a column, is left as it was and said so. Raises SourceUnavailable when none could
    be read.
    """
    moment = now.astimezone(UTC).replace(tzinfo=None) if now.tzinfo else now
    landing = Landing(place.landing / source.system)
    landing.folder.mkdir(parents=True, exist_ok=True)
    landing.forget_killed(table.name for table in source.tables)
    before = landing.state()
    # A clock that stood still or went back must not put this delivery before the last one.
    moment = max(moment, before.delivered_at + timedelta(microseconds=1))
    reader = source.connect(settings)
    work = place.work_dir / "extract" / source.system
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        extraction = _Extraction(source, reader, landing, place, moment, full)
        return extraction.run(before, work)
    finally:
        reader.close()
        shutil.rmtree(work, ignore_errors=True)


@dataclass(frozen=True)
class _Extraction:
    source: Source
    reader: Reader
    landing: Landing
    place: Place
    now: datetime
    full: bool

    def run(self, before: State, work: Path) -> ExtractReport:
        stamp = self.landing.free_stamp(self.now)
        found: dict[str, TableRead] = {}
        notices: list[str] = []
        unavailable: list[SourceUnavailable] = []
        for table in self.source.tables:
            try:
                found[table.name] = self._read(table, before, stamp, work)
                notices += found[table.name].notices
            except ContractBroken as error:
                notices.append(f"{self.source.system}: {error}")
            except SourceUnavailable as error:
                unavailable.append(error)
                notices.append(str(error))
        if unavailable and not found:
            raise unavailable[0]
        crash_points.reach("extract.before_manifest")
        self._write_manifest(before, stamp, found)
        reports = tuple(_report(name, read) for name, read in found.items())
        return ExtractReport(self.source.system, reports, tuple(notices))

    def _read(self, table: SourceTable, before: State, stamp: str, work: Path) -> TableRead:
        config: dict[str, Any] = {
            "memory_limit": _MEMORY,
            "temp_directory": str(work),
            "threads": "2",
        }
        with duckdb.connect(config=config) as con:
            con.execute("set timezone = 'UTC'")
            con.execute("set preserve_insertion_order = true")
            return TableReading(
                con=con,
                reader=self.reader,
                table=table,
                landing=self.landing,
                before=before,
                work=work,
                stamp=stamp,
                now=self.now,
                full=self.full,
                on_progress=lambda text: self.place.on_progress(f"{self.source.system} {text}"),
                suppressions=self.place.suppressions,
            ).read()

    def _write_manifest(self, before: State, stamp: str, found: Mapping[str, TableRead]) -> None:
        """Written even when nothing was new: it says that the system was looked at."""
        firsts = {name for name in found if name not in before.checked}
        entries = [
            entry | ({"is_history": True} if name in firsts else {})
            for name, read in found.items()
            for entry in read.entries
        ]
        cursors = dict(before.cursors)
        cursors |= {name: read.cursor for name, read in found.items() if read.cursor is not None}
        checked = dict(before.checked)
        checked |= {name: self.now for name, read in found.items() if read.is_whole}
        content: dict[str, Any] = {
            "delivered_at": written(self.now),
            "covers_until": written(self.now),
            "files": entries,
            "cursors": {name: written(moment) for name, moment in cursors.items()},
            "checked": {name: written(moment) for name, moment in checked.items()},
            "columns": {**before.columns, **{n: read.columns for n, read in found.items()}},
            "tables": {
                name: {"rows": read.rows, "stated": read.stated_count, "pages": read.pages}
                for name, read in found.items()
            },
        }
        self.landing.write_manifest(stamp, content)


def _report(name: str, read: TableRead) -> TableReport:
    return TableReport(
        name=name,
        rows=read.rows,
        pages=read.pages,
        stated_count=read.stated_count,
        cursor=read.cursor,
        deleted=read.deleted,
        landed=read.landed,
    )
