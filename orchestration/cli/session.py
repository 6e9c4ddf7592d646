"""What every command starts with: the settings of its home, and the process prepared for them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from orchestration.settings import Settings, load_settings

if TYPE_CHECKING:
    from orchestration.house import House
    from orchestration.progress import ConsoleProgress


def open_home() -> Settings:
    """The settings of HABITUE_HOME; every library is told where to write. Raises ConfigError."""
    from orchestration.environment import prepare

    settings = load_settings()
    prepare(settings)
    return settings


def show() -> "ConsoleProgress":
    """Progress lines on the terminal; `make bench` also has them written down."""
    import os
    from pathlib import Path

    report = os.environ.get("HABITUE_BENCH_REPORT")
    if report:
        from orchestration.bench import MeasuredProgress

        return MeasuredProgress(Path(report))
    from orchestration.progress import ConsoleProgress

    return ConsoleProgress()


@contextmanager
def writing(settings: Settings, what: str) -> "Iterator[House]":
    """The house for a command that writes: it holds the run lock."""
    import uuid

    from orchestration.house import opened

    progress = show()
    run_id = f"{what}-{uuid.uuid4()}"
    with opened(settings, run_id, progress, lambda _: None) as house:
        yield house


@contextmanager
def reading() -> "Iterator[House]":
    """The house for a question: it waits for a run that writes, and writes nothing itself.

    Raises ConfigError when there is no warehouse yet.
    """
    import uuid

    import typer

    from contract.errors import ConfigError
    from orchestration.house import House, now
    from orchestration.run_lock import Holder, RunLock

    settings = open_home()
    if not settings.warehouse.exists():
        raise ConfigError(f"{settings.warehouse}: no warehouse yet. Run `habitue run` first.")
    run_id = f"question-{uuid.uuid4()}"

    def say(holder: Holder | None) -> None:
        typer.echo(f"waiting for {holder or 'another run'}", err=True)

    with RunLock(settings.home).hold(run_id, on_wait=say):
        yield House(settings, run_id, now())
