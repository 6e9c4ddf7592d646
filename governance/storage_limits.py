"""Data that is not kept by person and has become too old: what it is, and how it goes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from contract.sql import quote
from contract.suppression import hash_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from contract.entity import Entity

_DEVICES = """
select source_system, anonymous_id from ({rows})
group by source_system, anonymous_id
having max(happened_at) < ? and count(customer_key) = 0
    and source_system || '|' || anonymous_id not in (
        select device_id from intermediate.int_devices__owned where device_id is not null)
order by all
"""


def years_before(day: date, years: int) -> date:
    """The same day so many years earlier; the 28th of February for a leap day."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def old_files(folders: Iterable[Path], before: date) -> list[Path]:
    """Files below the folders that were last written before the day (UTC)."""
    return [
        path
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file() and _written_on(path) < before
    ]


def _written_on(path: Path) -> date:
    return datetime.fromtimestamp(path.stat().st_mtime, tz=UTC).date()


def old_lines(log: Path, before: date) -> int:
    """How many lines of a log of JSON objects begin it that were written before the day."""
    count = 0
    if log.exists():
        with log.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if not _is_before(line, before):
                    break
                count += 1
    return count


def _is_before(line: str, before: date) -> bool:
    try:
        return datetime.fromisoformat(json.loads(line)["timestamp"]).date() < before
    except (ValueError, KeyError, TypeError):
        return False


def drop_lines(log: Path, count: int) -> None:
    """Take so many lines from the begin of a log, in the same file: somebody may write to it."""
    with log.open("rb+") as content:
        for _ in range(count):
            content.readline()
        left = content.read()
        content.seek(0)
        content.write(left)
        content.truncate()


def old_quarantined(con: DuckDBPyConnection, before: date) -> int:
    """Rows that were set aside before the day and still keep their text."""
    row = con.execute(
        "select count(*) from quarantine.files where quarantined_at < ? and row_json is not null",
        [before],
    ).fetchone()
    return int(row[0]) if row else 0


def forget_quarantined(con: DuckDBPyConnection, before: date) -> None:
    """Their texts go; that they were set aside and why stays, so that the balance holds."""
    con.execute(
        "update quarantine.files set row_json = null where quarantined_at < ?"
        " and row_json is not null",
        [before],
    )


def old_devices(
    con: DuckDBPyConnection, entities: Iterable[Entity], before: date
) -> list[tuple[str, str]]:
    """(system, cookie) of devices nobody is known behind, not seen since the day."""
    rows = [
        f"select source_system, anonymous_id, customer_key, {quote(entity.happened_at)}"
        f" as happened_at from raw_files.{quote(entity.name)} where anonymous_id is not null"
        for entity in entities
        if "anonymous_id" in entity.column_names and entity.happened_at
    ]
    return con.execute(_DEVICES.format(rows=" union all ".join(rows)), [before]).fetchall()


def device_hashes(devices: Iterable[tuple[str, str]], key: bytes) -> set[tuple[str, str]]:
    """What the suppression list knows them by."""
    return {
        ("visitor", hash_of("visitor", cookie, key, system=system) or "")
        for system, cookie in devices
    }
