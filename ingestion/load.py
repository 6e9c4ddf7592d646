"""Loads the landed files of one entity into its raw table.

DuckDB reads, casts and judges the rows; dlt appends the new ones from local Parquet files. A load
counts only once ingestion.bookkeeping acknowledges it, whenever the process is killed.
"""

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from tempfile import mkdtemp

import duckdb

from contract.entity import Entity
from ingestion import bookkeeping
from ingestion.append import append
from ingestion.bounds import bounded_memory
from ingestion.checked import checked_systems, note_checks
from ingestion.classify import Counts, Judge, Parts, Read
from ingestion.errors import FileIncomplete, FileRefused
from ingestion.feed import Declaration
from ingestion.landed_files import LandedFile, Pending
from ingestion.pending import files_of, pending_files
from ingestion.place import Place
from ingestion.refused import set_aside
from ingestion.reports import FileReport, LoadReport
from ingestion.row_checks import known_at_sql
from ingestion.suppress import file_holds_forgotten
from ingestion.unknown_products import unknown_product_notices

Loaded = list[tuple[Pending, FileReport]]


def load_entity(
    con: duckdb.DuckDBPyConnection,
    entity: Entity,
    declarations: Iterable[Declaration],
    place: Place,
    *,
    now: datetime,
) -> LoadReport:
    """Load every landed file that feeds the entity and is not loaded yet; now is UTC.

    con is the warehouse, open for writing, on which ingestion.raw_tables.prepare has run.
    Raises ContractBroken, having loaded nothing, when a file lacks a column its declaration reads.
    """
    moment = now.astimezone(UTC).replace(tzinfo=None) if now.tzinfo else now
    notices: list[str] = []
    taken_back = bookkeeping.take_back_unfinished(con, entity.name)
    if taken_back:
        notices.append(f"{taken_back} rows of a load that was killed were taken out.")
    declared = list(declarations)
    files = files_of(entity, declared, place, moment)
    pending = pending_files(con, entity, files, notices)
    loading = _Loading(con, entity, place, moment, notices)
    with bounded_memory(con):
        loaded = loading.load(pending) if pending else []
    if entity.name == "order_lines" and loaded:
        load_ids = [report.load_id for _, report in loaded]
        notices += unknown_product_notices(con, load_ids)
    checked = checked_systems(place.landing, declared, entity.name, moment)
    note_checks(con, entity.name, checked)
    return LoadReport(entity.name, tuple(report for _, report in loaded), tuple(notices))


@dataclass(frozen=True)
class _Loading:
    """One table being loaded by one call; now is naive UTC."""

    con: duckdb.DuckDBPyConnection
    entity: Entity
    place: Place
    now: datetime
    notices: list[str]

    def load(self, pending: Sequence[Pending]) -> Loaded:
        """Judge every delivery, append what is new, acknowledge."""
        folder = self.place.work_dir / "parts" / self.entity.name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        # A new name each time: DuckDB caches files by path, and served a part of an earlier load.
        parts = Parts(Path(mkdtemp(dir=folder)))
        judge = Judge(self.con, self.entity, str(self.now), parts, self.place.suppressions)
        judge.prepare()
        judged: Loaded = []
        for (system, delivery, _), items in groupby(pending, key=_delivery_of):
            self.place.on_progress(f"{self.entity.name}: reading {system} {delivery}")
            judged += self._judge_delivery(judge, list(items))
        if not judged:
            return []
        bookkeeping.begin(self.con, self.entity.name)
        if parts.written:
            self.place.on_progress(f"{self.entity.name}: appending the new rows")
            append(self.con, self.entity, parts, self.place.work_dir)
        loaded = self._counted_in_the_warehouse(judged)
        bookkeeping.acknowledge(self.con, self.entity, loaded, self.now)
        shutil.rmtree(folder, ignore_errors=True)
        return loaded

    def _judge_delivery(self, judge: Judge, items: Sequence[Pending]) -> Loaded:
        read, whole, judged = [], [], []
        for position, item in enumerate(items):
            found = self._read(judge, position, item)
            if isinstance(found, Read):
                whole.append(self._is_whole(item.file, found.met))
                read.append(found.taken)
            else:
                whole.append(False)
                read.append(0)
            if not whole[-1]:
                judge.forget(position, item.load_id)
            if isinstance(found, FileRefused):
                judged.append((item, self._set_aside(item, found)))
        counts = judge.judge([item.file for item in items], [item.load_id for item in items])
        return judged + [
            (item, self._report(item, read[n], counts[n]))
            for n, item in enumerate(items)
            if whole[n]
        ]

    def _read(self, judge: Judge, position: int, item: Pending) -> Read | FileRefused | None:
        """What the file holds, why it is refused, or nothing when it is to wait."""
        judge.make_room(position)
        try:
            return judge.read(position, item.file, item.load_id)
        except FileIncomplete as error:
            self.notices.append(f"{item.file.feed.system}/{item.file.name} waits: {error}")
            return None
        except FileRefused as error:
            return error

    def _set_aside(self, item: Pending, why: FileRefused) -> FileReport:
        """A whole file counts as one row read and quarantined; a copy is kept where asked."""
        suppressions, folder = self.place.suppressions, self.place.quarantine
        if file_holds_forgotten(item.file.path, suppressions):
            folder = None
        set_aside(self.con, item, why, folder, self.now)
        self.notices.append(f"{item.file.feed.system}/{item.file.name} is refused: {why}")
        return self._report(item, 1, Counts(quarantined=1))

    def _report(self, item: Pending, row_count: int, counts: Counts) -> FileReport:
        _, words = known_at_sql(self.entity, item.file)
        return FileReport(
            load_id=item.load_id,
            source_system=item.file.feed.system,
            file_name=item.file.name,
            sha256=item.sha256,
            rows_read=row_count,
            rows_loaded=counts.new,
            rows_quarantined=counts.quarantined,
            rows_duplicate=counts.duplicate,
            rows_erased=counts.erased,
            rows_emptied=counts.emptied,
            known_at_rule=words,
            delivered_at=item.file.delivery.delivered_at,
        )

    def _is_whole(self, file: LandedFile, row_count: int) -> bool:
        """Whether the file read is all of it: as many rows as stated, unchanged since listed."""
        label = f"{file.feed.system}/{file.name}"
        status = file.path.stat()
        if (status.st_size, status.st_mtime_ns) != (file.byte_count, file.modified_ns):
            self.notices.append(f"{label} waits: it changed while it was read.")
            return False
        if file.stated_rows not in {None, row_count}:
            self.notices.append(
                f"{label} waits: {row_count} rows of the {file.stated_rows} its manifest states."
            )
            return False
        return True

    def _counted_in_the_warehouse(self, judged: Loaded) -> Loaded:
        """The reports with rows_loaded as the raw table has it, so that the balance is a proof."""
        load_ids = [report.load_id for _, report in judged]
        found = bookkeeping.loaded_counts(self.con, self.entity.name, load_ids)
        return [
            (item, replace(report, rows_loaded=found.get(report.load_id, 0)))
            for item, report in judged
        ]


def _delivery_of(item: Pending) -> tuple[str, str, bool]:
    return item.file.feed.system, item.file.delivery.name, item.file.feed.deletes
