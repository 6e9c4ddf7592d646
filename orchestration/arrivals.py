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
    """`entity of system, through day` for every source past its own cadence on the day."""
    columns = "entity, source_system, data_through, cadence_days"
    rows = _read(settings, f"select {columns} from raw_control.sources where is_connected")
    return [
        f"{entity} of {system}, through {through:%Y-%m-%d}"
        for entity, system, through, cadence in sorted(rows)
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
