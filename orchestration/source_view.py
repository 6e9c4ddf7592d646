"""What is known of each system: who owns it, whether it is connected, how fresh it is, its rows."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from orchestration.arrivals import is_late
from orchestration.connected import find_sources, settings_of
from orchestration.declared import declarations
from orchestration.house import open_warehouse
from orchestration.settings import Settings

FED = "select * from raw_control.sources where is_connected order by entity, source_system"
LOADED = """
select source_system, entity, count(*) as files, max(loaded_at) as loaded_at,
    sum(rows_read)::bigint as read, sum(rows_loaded)::bigint as loaded,
    sum(rows_quarantined)::bigint as quarantined, sum(rows_duplicate)::bigint as duplicate,
    sum(rows_erased)::bigint as erased
from raw_control.loads group by all
"""
COUNTS = ("files", "read", "loaded", "quarantined", "duplicate", "erased")


@dataclass
class Table:
    """What one system gave to one entity. Times are UTC; data_through: up to when it tells."""

    entity: str
    data_through: datetime | None = None
    checked_at: datetime | None = None
    loaded_at: datetime | None = None
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))


@dataclass
class System:
    """One system. how: `files` that it drops, or `reading` it; missing: settings that are unset."""

    system: str
    description: str
    owner: str
    cadence_days: int
    how: str
    missing: list[str]
    tables: list[Table]
    day: date

    @property
    def is_connected(self) -> bool:
        """Whether it can be read now, or drops files."""
        return not self.missing if self.how == "reading" else self.has_delivered

    @property
    def is_late(self) -> bool:
        """Whether it should have told more by now. A table of it may have nothing new to tell."""
        return is_late(self.latest("data_through"), self.cadence_days, self.day)

    @property
    def has_delivered(self) -> bool:
        """Whether anything of it is in the warehouse."""
        return any(table.data_through is not None for table in self.tables)

    @property
    def state(self) -> str:
        """In one word or two, for a list."""
        if self.has_delivered:
            return "late" if self.is_late else "in time"
        return "no rows yet" if self.is_connected else "not connected"

    def latest(self, name: str) -> datetime | None:
        """The latest of one time over its tables."""
        return max((t for t in (getattr(table, name) for table in self.tables) if t), default=None)

    def count(self, name: str) -> int:
        """One of COUNTS over its tables."""
        return sum(table.counts[name] for table in self.tables)

    def as_json(self) -> dict[str, Any]:
        """Everything, for machines; no setting's value."""
        return {
            "system": self.system,
            "description": self.description,
            "owner": self.owner,
            "how": self.how,
            "is_connected": self.is_connected,
            "state": self.state,
            "missing_settings": self.missing,
            "cadence_days": self.cadence_days,
            "last_load_at": _text(self.latest("loaded_at")),
            "last_check_at": _text(self.latest("checked_at")),
            "data_through": _text(self.latest("data_through")),
            **{f"rows_{name}": self.count(name) for name in COUNTS[1:]},
            "tables": [
                {
                    "entity": table.entity,
                    "data_through": _text(table.data_through),
                    "last_load_at": _text(table.loaded_at),
                    **table.counts,
                }
                for table in self.tables
            ],
        }


def read_systems(settings: Settings) -> list[System]:
    """Every declared system, in alphabetical order. Raises ConfigError."""
    sources, fed = find_sources(), _tables(settings)
    found = []
    for declaration in declarations(settings):
        source = sources.get(declaration.system)
        entities = sorted({feed.entity for feed in declaration.feeds})
        told = settings_of(source, settings) if source else {}
        known = settings.source_settings()
        missing = [n for n in source.settings if n not in known] if source and told is None else []
        found.append(
            System(
                system=declaration.system,
                description=declaration.description,
                owner=declaration.owner,
                cadence_days=declaration.cadence_days,
                how="reading" if source else "files",
                missing=[f"HABITUE_{name.upper()}" for name in missing],
                day=settings.day,
                tables=[fed.get((declaration.system, one), Table(one)) for one in entities],
            )
        )
    return sorted(found, key=lambda one: one.system)


def _tables(settings: Settings) -> dict[tuple[str, str], Table]:
    """(system, entity) → what the warehouse knows; nothing before the first run."""
    if not settings.warehouse.exists():
        return {}
    with open_warehouse(settings).connect() as con:
        found = {
            (system, entity): Table(entity, through, checked_at)
            for entity, system, _, checked_at, through, _ in con.execute(FED).fetchall()
        }
        for system, entity, files, loaded_at, *counts in con.execute(LOADED).fetchall():
            table = found.setdefault((system, entity), Table(entity))
            table.loaded_at = loaded_at
            table.counts = dict(zip(COUNTS, (files, *counts), strict=True))
    return found


def _text(moment: datetime | None) -> str | None:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else None
