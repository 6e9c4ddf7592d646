"""What every asset is handed: the settings, the warehouse, the state database, the run's clock.

The resource holds the run lock from the first step to the last, whoever started the run.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg

from contract import crash_points
from orchestration import control
from orchestration.declared import declarations
from orchestration.progress import Progress
from orchestration.recover import sweep
from orchestration.run_lock import Holder, RunLock
from orchestration.settings import Settings, read_pseudonym_key
from orchestration.warehouse import Warehouse

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from contract.suppression import Suppressions

POOL = "warehouse"
OWNER = "team:data"


@dataclass(frozen=True)
class House:
    """One run's view of the company's house. started_at is UTC without a zone."""

    settings: Settings
    run_id: str
    started_at: datetime
    progress: Progress = field(default_factory=Progress, compare=False)

    @property
    def warehouse(self) -> Warehouse:
        """The door to the warehouse file."""
        return open_warehouse(self.settings)

    @property
    def as_of(self) -> date:
        """The day of features, scores, retention, gate and law."""
        return self.settings.day

    @property
    def clock(self) -> datetime:
        """Now, for the ledger, the gate and what they decide: a pinned day keeps its hour."""
        return business_now(self.settings)

    def folder(self, name: str) -> Path:
        """A folder of the home, made when missing."""
        path = self.settings.home / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    @cached_property
    def suppressions(self) -> "Suppressions":
        """Who was erased before this run: read once, every table that is loaded asks."""
        from governance.erasure.suppression_list import read_suppressions

        with self.state() as engine:
            return read_suppressions(engine, read_pseudonym_key(self.settings))

    @contextmanager
    def state(self) -> Iterator["Engine"]:
        """The state database, at its newest migration, closed with the block."""
        with open_state(self.settings) as engine:
            yield engine


def open_warehouse(settings: Settings) -> Warehouse:
    """The warehouse of these settings."""
    return Warehouse(
        path=settings.warehouse,
        threads=settings.threads,
        memory_limit=settings.memory_limit,
        temp_directory=settings.home / "tmp" / "duckdb",
    )


@contextmanager
def open_state(settings: Settings) -> Iterator["Engine"]:
    """The state database at its newest migration."""
    from governance.merkle.keeper import Keeper, keep
    from orchestration import state

    engine = state.open_state(settings.state_url)
    secret = settings.consent_signing_key
    keep(
        engine,
        Keeper(settings.home / "state" / "ledger", secret.get_secret_value() if secret else None),
    )
    try:
        yield engine
    finally:
        engine.dispose()


def now() -> datetime:
    """The wall clock for bookkeeping: UTC without a zone, as the warehouse keeps it."""
    return datetime.now(UTC).replace(tzinfo=None)


def business_now(settings: Settings) -> datetime:
    """UTC without a zone. On a pinned day (the demos) only the hour is the wall clock's."""
    wall = now()
    return wall if settings.as_of is None else datetime.combine(settings.as_of, wall.time())


def arm_crash_point(settings: Settings) -> None:
    """Tests only: HABITUE_CRASH_AT="name:n"."""
    if settings.crash_at:
        name, _, n = settings.crash_at.partition(":")
        crash_points.arm(name, int(n or 1))


@contextmanager
def opened(
    settings: Settings, run_id: str, progress: Progress, on_wait: Callable[[str], None]
) -> Iterator[House]:
    """The house with its lock held and its control tables written: what a run starts with."""

    def say(holder: Holder | None) -> None:
        text = f"waiting for {holder or 'another run'}: one run writes at a time"
        progress.waiting(text)
        on_wait(text)

    with RunLock(settings.home).hold(run_id, on_wait=say):
        house = House(settings, run_id, now(), progress)
        arm_crash_point(settings)
        log_to_file(settings)
        control.begin_run(house.warehouse, run_id, house.as_of, house.started_at)
        control.write_systems(house.warehouse, declarations(settings))
        finish_rewrites(house)
        yield house


def finish_rewrites(house: House) -> None:
    """What an erasure that was killed had rewritten is known before anything is loaded."""
    from ingestion.rewritten import unfinished_in

    if not unfinished_in(house.settings.landing):
        return
    from ingestion.scrub import finish_rewrites as finish
    from orchestration.erasure_places import landed

    with house.warehouse.connect() as con:
        finish(landed(house.settings), con)


def log_to_file(settings: Settings) -> None:
    """What leaves log (ids, never people) goes to logs/habitue.log, a JSON object per line."""
    import structlog

    path = settings.home / "logs" / "habitue.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=path.open("a", encoding="utf-8")),
    )


def _silent(_text: str) -> None:
    return


def house_resource(settings: Settings, progress: Progress) -> dg.ResourceDefinition:
    """The resource `house`. It has no Dagster config: GraphQL shows config, secrets included."""

    @dg.resource(description="Settings, warehouse, state database, run lock.")
    def house(context: dg.InitResourceContext) -> Iterator[House]:
        run_id = context.run.run_id if context.run else "adhoc"
        say: Callable[[str], None] = context.log.info if context.log else _silent
        with opened(settings, run_id, progress, say) as opened_house:
            if context.instance is not None:
                for line in sweep(context.instance, settings, living=run_id):
                    say(line)
            yield opened_house

    return house
