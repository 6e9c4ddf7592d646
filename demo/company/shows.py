"""What `habitue demo`, `advance` and `serve` do, in the steps that they name."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer

from demo import homes
from demo.company.life import Life
from demo.company.services import listening, told
from demo.company.size import NAME, SETTINGS, settled, size_of

if TYPE_CHECKING:
    from orchestration.launch import Outcome
    from orchestration.progress import ConsoleProgress
    from orchestration.settings import Settings


def first(asked: Mapping[str, Any]) -> None:
    """From nothing to the last screen; steps that are done are not done again.

    asked: fields of Size that the person named; the others are those of the home's company.
    """
    from orchestration.cli.session import show

    settings, progress = homes.settle(NAME, SETTINGS), show()
    size = settled(settings.home / "demo", asked)
    with listening(settings) as variables, told(variables) as settings:
        life = Life(settings.home, size)
        with progress.step("people") as step:
            world = life.draw()
            step.rows, step.note = (size.people, "") if world else (None, "drawn before")
        with progress.step("their history, into every system") as step:
            step.rows = life.live(world, step.update) if world else None
            step.note = "" if world else "filled before"
        _run(settings, progress)


def advance(days: int) -> None:
    """Days go by in every system, then one run for all of them."""
    from orchestration.cli.session import show
    from orchestration.environment import prepare

    settings, progress = _at_home(), show()
    life = Life(settings.home, size_of(settings.home / "demo"))
    with listening(settings) as variables:
        with progress.step(f"{days} days") as step:
            step.rows = 0
            for _ in range(days):
                day, facts = life.live_day(step.update)
                step.rows += facts
                step.note = f"until {day}"
        homes.move_day(life.morning.isoformat())
        with told(variables) as settings:
            prepare(settings)
            _run(settings, progress)


def story() -> None:
    """One person, and their word; told once."""
    from demo.company.story import tell
    from orchestration.cli.session import show

    settings, progress = _at_home(), show()
    told_before = settings.home / "demo" / "story_told"
    if told_before.exists():
        typer.echo("The story of one person and their word was told before: docs/demo-company.md")
        return
    with listening(settings) as variables, told(variables) as settings:
        tell(settings, lambda: _run(settings, progress))
    told_before.touch()


def serve(port: int) -> None:
    """Until interrupted."""
    settings = _at_home()
    with listening(settings, port) as variables:
        for name, value in sorted(variables.items()):
            typer.echo(f"export {name}='{value}'")
        threading.Event().wait()


def _at_home() -> Settings:
    settings = homes.settle(NAME, SETTINGS)
    size_of(settings.home / "demo")
    return settings


def _run(settings: Settings, progress: ConsoleProgress) -> Outcome:
    from orchestration.cli import screen
    from orchestration.launch import Request, launch

    outcome = launch(settings, Request(), progress)
    screen.after_run(settings, outcome.run_id)
    return outcome
