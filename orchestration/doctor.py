"""What may be wrong with a house, looked at without changing anything."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.environment import QUIET
from orchestration.recover import orphans, stale_slots
from orchestration.run_lock import RunLock
from orchestration.settings import PROJECT_ROOT, Settings

if TYPE_CHECKING:
    from dagster import DagsterInstance

LOW_DISK_BYTES = 5_000_000_000
# The set that was tried together; another version of one of these breaks in ways we have seen.
WATCHED = ("dagster", "dagster-dbt", "dbt-core", "dbt-duckdb", "duckdb", "dlt", "sqlglot",
           "sqlalchemy", "pandas", "scikit-learn", "great-expectations", "plotly")  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; is_well False asks for a person."""

    subject: str
    text: str
    is_well: bool = True


def examine(instance: "DagsterInstance", settings: Settings) -> list[Finding]:
    """Every finding, in the order of a check-up."""
    looks: list[Callable[[], Iterator[Finding]]] = [
        _versions,
        lambda: _lock(instance, settings),
        lambda: _slots(instance),
        lambda: _disk(settings),
        _telemetry,
        lambda: _state(settings),
        lambda: _withdrawals(settings),
        lambda: _arrivals(settings),
        lambda: _last_run(instance),
        lambda: _publication(settings),
    ]
    return [finding for look in looks for finding in look()]


def _versions() -> Iterator[Finding]:
    import tomllib
    from importlib.metadata import version

    lock = tomllib.loads((PROJECT_ROOT / "uv.lock").read_text(encoding="utf-8"))
    locked = {p["name"]: p.get("version", "") for p in lock["package"]}
    wrong = [
        f"{name} {version(name)}, locked {locked[name]}"
        for name in WATCHED
        if name in locked and version(name) != locked[name]
    ]
    text = "; ".join(wrong) or f"{len(WATCHED)} packages as locked"
    yield Finding("versions", text if not wrong else f"{text}: run make", not wrong)


def _lock(instance: "DagsterInstance", settings: Settings) -> Iterator[Finding]:
    lock = RunLock(settings.home)
    holder = lock.holder()
    yield Finding("run lock", f"held by {holder}" if holder else "free")
    killed = [run.run_id for run in orphans(instance, lock, None)]
    text = f"{', '.join(killed)}: run `habitue recover`" if killed else "none"
    yield Finding("killed runs", text, not killed)


def _slots(instance: "DagsterInstance") -> Iterator[Finding]:
    stale = stale_slots(instance, None)
    text = "; ".join(f"{pool}: {len(runs)} held by ended runs" for pool, runs in stale.items())
    yield Finding("pool slots", f"{text}: run `habitue recover`" if text else "free", not stale)


def _disk(settings: Settings) -> Iterator[Finding]:
    free = shutil.disk_usage(settings.home).free
    used = settings.warehouse.stat().st_size if settings.warehouse.exists() else 0
    text = f"{free / 1e9:.1f} GB free, warehouse {used / 1e9:.2f} GB"
    yield Finding("disk", text, free > max(LOW_DISK_BYTES, 2 * used))


def _telemetry() -> Iterator[Finding]:
    import yaml

    dagster = yaml.safe_load((PROJECT_ROOT / "dagster.yaml").read_text())["telemetry"]["enabled"]
    wrong = [name for name, value in QUIET.items() if os.environ.get(name) != value]
    text = f"not set: {', '.join(wrong)}" if wrong else "off in every library"
    yield Finding("telemetry", "on in dagster.yaml" if dagster else text, not dagster and not wrong)


def _state(settings: Settings) -> Iterator[Finding]:
    """Migrations that wait, and the last verification of the ledger."""
    from orchestration.state_view import read_state

    found = read_state(settings.state_url)
    is_current = found.revision == found.head
    text = f"at {found.revision}" if is_current else f"at {found.revision}, newest {found.head}"
    yield Finding("state database", text, is_current or found.revision is None)
    if found.verified is None:
        yield Finding("consent ledger", "never verified: run `habitue consent verify`")
        return
    verified_at, size, bad = found.verified
    well = f"{size:,} leaves as signed at {verified_at}"
    yield Finding("consent ledger", f"{bad}: see docs/runbook.md" if bad else well, not bad)


def _withdrawals(settings: Settings) -> Iterator[Finding]:
    """What the check of the waterfalls asks, asked now; a running run is asked nothing."""
    from governance.ledger import last_taken_at
    from governance.rules import load_rules
    from orchestration.delivering import Playbook, open_desk, unapplied_withdrawals
    from orchestration.house import House, now
    from orchestration.state_view import read_state

    if not settings.warehouse.exists():
        return
    found = read_state(settings.state_url)
    if found.revision != found.head:
        return
    if RunLock(settings.home).holder() is not None:
        yield Finding("withdrawals", "not looked at: a run holds the warehouse")
        return
    house = House(settings, "doctor", now())
    with open_desk(house, Playbook({}, {}, {}, [])) as desk:
        with desk.engine.connect() as connection:
            taken_at = last_taken_at(connection)
        count, age = unapplied_withdrawals(desk)
    if taken_at is not None and house.clock - taken_at > load_rules().stale_after:
        text = f"not known: nobody told the consent ledger since {taken_at:%Y-%m-%d %H:%M} UTC"
        yield Finding("withdrawals", f"{text}: run `habitue run`", is_well=False)
        return
    hours = 0 if age is None else int(age.total_seconds() // 3600)
    text = f"{count} not applied in a tool, the oldest for {hours} h: run `habitue plan`"
    yield Finding("withdrawals", text if count else "all applied", not count)


def _arrivals(settings: Settings) -> Iterator[Finding]:
    """Files that wait and sources that are late; a running run is asked nothing."""
    from orchestration.arrivals import late_sources, waiting_files

    if RunLock(settings.home).holder() is not None:
        yield Finding("landing", "not looked at: a run holds the warehouse")
        return
    waiting = waiting_files(settings)
    yield Finding("landing", "; ".join(waiting) or "every file is loaded", not waiting)
    late = late_sources(settings)
    yield Finding("freshness", "; ".join(late) or "every source is in time", not late)


def _last_run(instance: "DagsterInstance") -> Iterator[Finding]:
    runs = instance.get_runs(limit=1)
    if runs:
        text = f"{runs[0].run_id[:8]} {runs[0].status.value.lower()}"
        yield Finding("last run", text, runs[0].status.value != "FAILURE")


def _publication(settings: Settings) -> Iterator[Finding]:
    target = settings.published
    if not target.exists():
        yield Finding("publication", "none yet: run `habitue run`", is_well=False)
        return
    built = datetime.fromtimestamp(Path(target).resolve().stat().st_mtime, UTC)
    yield Finding("publication", f"{Path(target).resolve().name} of {built:%Y-%m-%d %H:%M} UTC")
