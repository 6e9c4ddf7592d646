"""When the systems behind a table were last looked at, and up to when they told everything.

A folder into which a system drops files is looked at by every load. A system that is read was
looked at when its tables were: a load in between learns nothing of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatch
from pathlib import Path

import duckdb

from contract.sql import transaction
from ingestion.feed import Declaration
from ingestion.landed_files import told_until
from ingestion.landed_state import Landing


@dataclass(frozen=True)
class Checked:
    """One system: when it was looked at; through is None where only its files can tell."""

    at: datetime
    through: datetime | None = None


def checked_systems(
    landing: Path, declarations: Iterable[Declaration], entity: str, now: datetime
) -> dict[str, Checked]:
    """System → its last check, for those that feed the entity. Times are naive UTC."""
    found = {}
    for declaration in declarations:
        feeds = [feed for feed in declaration.feeds if feed.entity == entity and not feed.deletes]
        if not feeds:
            continue
        read = Landing(landing / declaration.folder).state().checked
        # A landed file of a table is named after it, then its time.
        times = [
            moment
            for table, moment in read.items()
            if any(fnmatch(f"{table}-20000101T000000000000.parquet", feed.glob) for feed in feeds)
        ]
        found[declaration.system] = (
            Checked(min(times), min(times)) if times else _dropped(landing, declaration, now)
        )
    return found


def _dropped(landing: Path, declaration: Declaration, now: datetime) -> Checked:
    through = told_until(landing / declaration.folder) if declaration.tells_all else None
    return Checked(now, through)


def note_checks(con: duckdb.DuckDBPyConnection, entity: str, checked: dict[str, Checked]) -> None:
    """Say in raw_control.sources when the systems were looked at; data_through only grows."""
    with transaction(con):
        for system, check in checked.items():
            con.execute(
                """update raw_control.sources set last_checked_at = $1,
                    data_through = greatest(data_through, $2)
                where entity = $3 and source_system = $4""",
                [check.at, check.through, entity, system],
            )
