"""One table of a system, read since its cursor: its new rows and its lost keys as landed files."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from contract import crash_points
from contract.sql import literal, quote
from contract.suppression import Suppressions
from ingestion import landed_keys
from ingestion.landed_state import DELETED, Landing, State, entry_of
from ingestion.pages import Parts, new_columns, refuse_lost, refuse_retyped
from ingestion.source import HasHorizon, Reader, SourceTable


@dataclass(frozen=True)
class TableRead:
    """What one table gave. cursor: where the next read goes on, before its lag (naive UTC)."""

    rows: int = 0
    landed: int = 0
    pages: int = 0
    stated_count: int | None = None
    cursor: datetime | None = None
    deleted: int = 0
    columns: dict[str, str] = field(default_factory=dict)
    entries: tuple[dict[str, Any], ...] = ()
    notices: tuple[str, ...] = ()
    is_whole: bool = True


@dataclass
class TableReading:
    """One table being read by one extraction; now is naive UTC."""

    con: duckdb.DuckDBPyConnection
    reader: Reader
    table: SourceTable
    landing: Landing
    before: State
    work: Path
    stamp: str
    now: datetime
    full: bool
    on_progress: Callable[[str], None]
    suppressions: Suppressions = field(default_factory=Suppressions)
    notices: list[str] = field(default_factory=list)

    def read(self) -> TableRead:
        """Land what is new. Raises SourceUnavailable, ContractBroken, with nothing landed."""
        table = self.table
        since = self._since()
        stated = self.reader.count(table, since)
        parts = self._take_pages(since)
        columns = self._check_columns(parts)
        kept = self._collect(parts, since)
        is_whole = self._is_whole(kept, since, stated)
        found = landed_keys.compare(self) if self._compares_keys(since) else None
        if found is not None and found.missing and since is not None:
            self._take_missing()
        entries = self._write(found)
        return TableRead(
            rows=kept,
            landed=sum(entry["rows"] for entry in entries if DELETED not in entry["name"]),
            pages=parts.page_count,
            stated_count=stated,
            cursor=self._cursor(is_whole),
            deleted=found.gone if found is not None else 0,
            columns=columns,
            entries=tuple(entries),
            notices=tuple(self.notices),
            is_whole=is_whole,
        )

    def _since(self) -> datetime | None:
        cursor = self.before.cursors.get(self.table.name)
        if self.full or cursor is None or self.table.cursor is None:
            return None
        return cursor - self.table.lag

    def _take_pages(self, since: datetime | None) -> Parts:
        folder = self.work / self.table.name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        parts = Parts(folder, self.table.name)
        for page in self.reader.pages(self.table, since):
            parts.add(page)
            crash_points.reach("extract.page_landed")
            self.on_progress(f"{self.table.name}: {parts.page_count} pages")
        parts.flush()
        return parts

    def _check_columns(self, parts: Parts) -> dict[str, str]:
        """The columns as they are to be remembered."""
        before = {} if self.full else dict(self.before.columns.get(self.table.name, {}))
        if not parts.paths:
            return before
        refuse_retyped(self.table.name, before, parts.columns)
        if not parts.is_json:
            refuse_lost(self.table.name, before, parts.columns)
        for name in new_columns(before, parts.columns):
            self.notices.append(f"{self.table.name} has a new column, {name}; it is kept.")
        return before | parts.columns

    def _collect(self, parts: Parts, since: datetime | None) -> int:
        """`new_rows`: what the pages hold, one row per key; returns how many before `landed`.

        Of a row that moved while it was read, the latest is kept. A row that landed before, word
        for word, is left out again.
        """
        columns = self.before.columns.get(self.table.name, {}) if parts.is_json else {}
        landed_keys.rows_of(self.con, [str(path) for path in parts.paths], columns)
        landed_keys.keep_latest(self.con, self.table)
        count = landed_keys.count_of(self.con, "new_rows")
        landed_keys.note_cursor(self.con, self.table)
        reaching = [] if since is None else self.landing.files_reaching(self.table.name, since)
        landed_keys.leave_out(self.con, self.table, self.landing, reaching)
        return count

    def _take_missing(self) -> None:
        """Rows that became visible too late for every read since their cursor."""
        again = self._take_pages(None)
        paths = [str(path) for path in again.paths]
        late = landed_keys.add_missing(self.con, paths, self.table)
        self.notices.append(f"{self.table.name}: {late} rows came late; they are read now.")

    def _is_whole(self, rows: int, since: datetime | None, stated: int | None) -> bool:
        """Whether as many rows came as the system counts; it may change while it is read."""
        if stated is None or rows == stated:
            return True
        after = self.reader.count(self.table, since)
        if after is not None and min(stated, after) <= rows <= max(stated, after):
            return True
        self.notices.append(
            f"{self.table.name}: {rows} rows of the {stated} that the system counts; "
            "the next read begins where this one began."
        )
        return False

    def _compares_keys(self, since: datetime | None) -> bool:
        if not self.table.key or not self.landing.files(self.table.name):
            return False
        return self.table.finds_deletes or (
            since is not None and isinstance(self.reader, HasHorizon)
        )

    def _cursor(self, is_whole: bool) -> datetime | None:
        before = self.before.cursors.get(self.table.name)
        if not is_whole or self.table.cursor is None:
            return before
        rows = self.con.execute("select latest from cursor_met").fetchall()
        found = [moment for moment in (rows[0][0], before) if moment is not None]
        if not found:
            return None
        # A date in the future would hide everything until then; a change under way, itself.
        horizon = self.reader.horizon() if isinstance(self.reader, HasHorizon) else None
        return min(max(found), horizon or self.now)

    def _write(self, found: "landed_keys.Compared | None") -> list[dict[str, Any]]:
        entries = []
        rows = landed_keys.count_of(self.con, "new_rows")
        if rows:
            has_gone = landed_keys.count_of(self.con, "gone_before") > 0
            restored = landed_keys.restored_sql(self.table, self.now) if has_gone else ""
            sql = f"select new_rows.*{restored} from new_rows"
            entries.append(self._copy(sql, f"{self.table.name}-{self.stamp}.parquet", rows))
        if found is not None and found.gone:
            keys = ", ".join(quote(name) for name in self.table.key)
            name = f"{self.table.name}{DELETED}-{self.stamp}.parquet"
            entries.append(self._copy(f"select {keys} from keys_gone", name, found.gone))
        return entries

    def _copy(self, sql: str, name: str, rows: int) -> dict[str, Any]:
        unfinished = self.landing.folder / f".{name}.part"
        self.con.execute(f"copy ({sql}) to {literal(str(unfinished))} (format parquet)")
        path = self.landing.folder / name
        unfinished.replace(path)
        return entry_of(path, rows)
