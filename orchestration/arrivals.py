"""What the landing folder holds that the warehouse does not, and which sources are late."""

from datetime import date, datetime, timedelta
from typing import Any

from orchestration.declared import declarations
from orchestration.house import open_warehouse
from orchestration.settings import Settings

SEEN = "raw_control.files_seen"


def waiting_files(settings: Settings) -> list[str]:
    """`system/file: why` for every landed file that is not loaded as it lies there now.

    Raises ConfigError when a declaration cannot be read.
    """
    from ingestion.landed_files import landed_files, unclaimed_files

    declared = declarations(settings)
    loaded = set(_read(settings, f"select file_name, byte_count, modified_ns from {SEEN}"))
    waiting = {
        f"{file.feed.system}/{file.name}": _reason(file.waits_for)
        for file in landed_files(settings.landing, declared)
        if file.waits_for or (file.name, file.byte_count, file.modified_ns) not in loaded
    }
    for declaration in declared:
        for name in unclaimed_files(settings.landing, declaration):
            waiting[f"{declaration.system}/{name}"] = "no pattern of the declaration claims it"
    return [f"{name}: {why}" for name, why in sorted(waiting.items())]


def late_sources(settings: Settings) -> list[str]:
    """`system, through day` for every system past its own cadence on the day.

    A system in time may have had nothing to tell about one of its tables.
    """
    query = (
        "select source_system, max(data_through), max(cadence_days)"
        " from raw_control.sources where is_connected group by source_system"
    )
    return [
        f"{system}, through {through:%Y-%m-%d}"
        for system, through, cadence in sorted(_read(settings, query))
        if is_late(through, cadence, settings.day)
    ]


def is_late(through: datetime | None, cadence_days: int | None, day: date) -> bool:
    """Whether a source that tells up to `through` should have told more by now."""
    return (
        through is not None
        and cadence_days is not None
        and through.date() + timedelta(days=cadence_days) < day
    )


def _read(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    """Rows of a control table; none before the first run."""
    if not settings.warehouse.exists():
        return []
    with open_warehouse(settings).connect() as con:
        return con.execute(query).fetchall()


def _reason(waits_for: str | None) -> str:
    return f"waits for {waits_for}" if waits_for else "not loaded: `habitue run` says why"
