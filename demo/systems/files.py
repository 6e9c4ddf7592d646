"""What systems that drop files have in common: one delivery per period, its manifest last.

A delivery lands in HOME/landing/<folder>/. One that is there is left alone, so that recording a
period twice changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import duckdb

from contract.entity import ENTITIES_FOLDER, load_entity_file
from contract.sql import literal, quote
from demo.delivery import file_entry, utc_text, write_manifest
from demo.systems.dirt import DirtLog
from demo.systems.later import Later
from demo.systems.text_files import MACROS, TIME_ZONE, Lines, Rates, write_lines

if TYPE_CHECKING:
    from demo.world.facts import Facts, Period

PARIS = ZoneInfo(TIME_ZONE)
_DELIVERED_AFTER = timedelta(hours=4)


@dataclass(frozen=True)
class Delivery:
    """What one drop tells about: from one moment until another, not included (naive UTC).

    stem stands in the names of its files: a month, a day, or a day and time. holds_from and
    holds_until cut the facts of the period, where the drop is only a part of it. is_first: the
    system delivered nothing before, so what it tells may be old, though new to us.
    """

    stem: str
    since: datetime
    until: datetime
    is_history: bool
    delivered_at: datetime
    holds_from: datetime | None = None
    holds_until: datetime | None = None
    is_first: bool = False

    def holds(self, moment: str) -> str:
        """SQL that is true for the facts of this delivery, by the column with their UTC time."""
        bounds = []
        if self.holds_from:
            bounds.append(f"{moment} >= timestamp '{self.holds_from}'")
        if self.holds_until:
            bounds.append(f"{moment} < timestamp '{self.holds_until}'")
        return " and ".join(bounds) or "true"


@dataclass(frozen=True)
class ParquetRows:
    """A Parquet file: a query over the facts, and the entity its rows become."""

    name: str
    entity: str
    query: str


class FileSystem:
    """A system that drops files. What it drops is said by `files`."""

    system: str
    folder: str
    entities: tuple[str, ...]

    def __init__(self, home: Path, seed: int = 2026, rates: Rates | None = None) -> None:
        self.home = home
        self.seed = seed
        self.rates = rates or Rates()

    def files(
        self, con: duckdb.DuckDBPyConnection, delivery: Delivery
    ) -> Iterator[Lines | ParquetRows]:
        """The files of one delivery; con has the facts of the system, one table per entity."""
        raise NotImplementedError

    def deliveries(self, period: Period) -> Sequence[Delivery]:
        """The drops of a period: one."""
        return [whole(period)]

    def record(self, facts: Facts, period: Period) -> None:
        """Drop the files of the period; a period recorded before changes nothing."""
        folder = self.home / "landing" / self.folder
        folder.mkdir(parents=True, exist_ok=True)
        missing = []
        for delivery in self.deliveries(period):
            if self._manifest(delivery).exists():
                Later(self.home, self.system).forget(delivery.stem)
            else:
                missing.append(delivery)
        if not missing:
            return
        with self._connection() as con:
            con.execute(MACROS)
            self._open_facts(con, facts)
            for delivery in missing:
                is_first = not any(folder.glob(f"{self.system}-*.manifest.json"))
                self._deliver(con, folder, replace(delivery, is_first=is_first))

    def close(self) -> None:
        """Nothing stays open."""

    def spoiled(self, file: Lines) -> Lines:
        """The same file with the dirt of this system."""
        return replace(file, rates=self.rates)

    def _connection(self) -> duckdb.DuckDBPyConnection:
        """A connection that writes to disk what a month of a large company takes beyond 1 GB."""
        spill = self.home / "demo" / "tmp" / self.system
        return duckdb.connect(
            config={"threads": 1, "memory_limit": "1GB", "temp_directory": str(spill)}
        )

    def _manifest(self, delivery: Delivery) -> Path:
        folder = self.home / "landing" / self.folder
        return folder / f"{self.system}-{delivery.stem}.manifest.json"

    def _open_facts(self, con: duckdb.DuckDBPyConnection, facts: Facts) -> None:
        """One table per entity: the facts of this system, of things that change the last state."""
        from demo.world.facts import empty

        for name in self.entities:
            entity = load_entity_file(ENTITIES_FOLDER / f"{name}.yml")
            last = ""
            if entity.changes == "versioned":
                key = ", ".join(quote(column) for column in entity.key)
                last = f"qualify row_number() over (partition by {key} order by told desc) = 1"
            con.register("facts_of_entity", facts[name] if name in facts else empty(name))
            con.execute(f"""
                create or replace temp table {quote(name)} as
                select * exclude (system, person_id, told) from (
                    select *, row_number() over () as told
                    from facts_of_entity where system = {literal(self.system)}
                ) {last}""")
            con.unregister("facts_of_entity")

    def _deliver(self, con: duckdb.DuckDBPyConnection, folder: Path, delivery: Delivery) -> None:
        con.execute(f"""create or replace macro chance(kind, row_key) as
            md5_number_lower(concat_ws('|', {literal(f"{self.seed}|{self.system}")},
                {literal(delivery.stem)}, kind, row_key)) / 18446744073709551616.0""")
        later = Later(self.home, self.system)
        counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        entries = later.release(folder, delivery.stem, counts)
        for file in self.files(con, delivery):
            entry, planted = _write(con, folder, file)
            rows = planted.pop("rows")
            entity = file.entity if isinstance(file, ParquetRows) else file.rows.entity
            for kind, count in planted.items():
                counts[entity][kind] += count
            if entry and isinstance(file, Lines) and file.keep_for_later:
                counts[entity]["held_row"] += rows
                later.keep(folder, delivery.stem, (entry, entity, file.keep_for_later))
            elif entry:
                entries.append(entry)
        DirtLog(self.home).put(self.system, delivery.stem, counts)
        _complete(self._manifest(delivery), self.system, delivery, entries)
        later.forget(delivery.stem)


def whole(period: Period) -> Delivery:
    """The one delivery of a period: a month of history, or a day when time goes on."""
    first, last = period.first_day, period.last_day
    stem = f"{first:%Y-%m}" if period.is_history else str(first)
    until = _midnight(last + timedelta(days=1))
    return Delivery(stem, _midnight(first), until, period.is_history, until + _DELIVERED_AFTER)


def slices(period: Period, minutes: int) -> list[Delivery]:
    """A drop every so many minutes of a day, each complete one minute later.

    The first and the last one also tell what devices with wrong clocks put outside of the day.
    """
    day = whole(period)
    step = timedelta(minutes=minutes)
    starts = [day.since + n * step for n in range(int((day.until - day.since) / step))]
    return [
        Delivery(
            stem=f"{start:%Y-%m-%dT%H%MZ}",
            since=start,
            until=start + step,
            is_history=False,
            delivered_at=start + step + timedelta(minutes=1),
            holds_from=None if start == starts[0] else start,
            holds_until=None if start == starts[-1] else start + step,
        )
        for start in starts
    ]


def _midnight(day: date) -> datetime:
    """When the day begins in the shop's time zone, naive UTC."""
    return datetime.combine(day, time(), PARIS).astimezone(UTC).replace(tzinfo=None)


def _write(
    con: duckdb.DuckDBPyConnection, folder: Path, file: Lines | ParquetRows
) -> tuple[dict[str, Any] | None, dict[str, int]]:
    """The file's entry in the manifest (None when there was nothing to write), and its counts."""
    partial = folder / f".{file.name}"  # no pattern of a declaration begins with a point
    if isinstance(file, ParquetRows):
        found = con.execute(
            f"copy ({file.query}) to {literal(str(partial))} (format parquet, compression zstd)"
        ).fetchone()
        counts = {"rows": int(found[0]) if found else 0}
        if not counts["rows"]:
            partial.unlink()
    else:
        counts = write_lines(con, file, partial)
    if not partial.exists():
        return None, counts
    return file_entry(partial.rename(folder / file.name), counts["rows"]), counts


def _complete(
    manifest: Path, system: str, delivery: Delivery, entries: list[dict[str, Any]]
) -> None:
    content = {
        "system": system,
        "delivered_at": utc_text(delivery.delivered_at, UTC),
        "is_history": delivery.is_history,
        "covers_from": utc_text(delivery.since, UTC),
        "covers_until": utc_text(delivery.until, UTC),
        "files": entries,
    }
    write_manifest(manifest, content)
