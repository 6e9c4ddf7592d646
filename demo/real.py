"""`habitue demo real`: a real retailer, end to end, on this machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from demo.homes import settle

if TYPE_CHECKING:
    from orchestration.settings import Settings

app = typer.Typer(help="A real retailer, end to end: The Complete Journey, 2,469 households.")

COMPANY = """\
# Written by `habitue demo real`: the company that lives in this home.
HABITUE_COMPANY_NAME=The Complete Journey
HABITUE_AS_OF=2018-01-01
HABITUE_TIME_ZONE=America/New_York
HABITUE_CURRENCY=USD
HABITUE_LANGUAGES=en,fr
HABITUE_WEBHOOK_SECRET={secret}
"""

Households = Annotated[
    int | None, typer.Option(help="Only so many households: a smaller, faster company.")
]
Months = Annotated[int | None, typer.Option(help="Only the last so many months of 2017.")]
Until = Annotated[str | None, typer.Option(help="Only deliveries up to this month, YYYY-MM.")]
Day = Annotated[str | None, typer.Option(help="Also the tickets of this one day, YYYY-MM-DD.")]


@app.callback(invoke_without_command=True)
def real(
    context: typer.Context,
    households: Households = None,
    months: Months = None,
    until: Until = None,
    day: Day = None,
) -> None:
    """Land the retailer's files, start its tool on loopback, run everything, say where to look.

    Example: habitue demo real · habitue demo real --households 200 --months 6
    """
    if context.invoked_subcommand is not None:
        return
    from orchestration.cli import screen
    from orchestration.cli.session import show
    from orchestration.launch import Request, launch
    from orchestration.settings import load_settings

    settings, progress = _open_company(), show()
    with progress.step("landed files") as step:
        step.rows = _land(settings.landing, (households, months, until), step.update)
        step.rows += _land_day(settings.landing, day, households, months)
    with _tool(settings):
        # Read again: the tool's address is known only now that it listens.
        settings = load_settings(settings.home)
        outcome = launch(settings, Request(), progress)
    screen.after_run(settings, outcome.run_id)


@app.command()
def land(households: Households = None, months: Months = None, until: Until = None) -> None:
    """Only write the files that the retailer's systems would drop.

    Example: habitue demo real land
    """
    settings = _open_company()
    count = _land(settings.landing, (households, months, until), typer.echo)
    typer.echo(f"{count} deliveries landed")


@app.command()
def tool(port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 8765) -> None:
    """Only start the make-believe tool that receives deliveries; Ctrl-C ends it.

    Example: habitue demo real tool --port 8765, then HABITUE_WEBHOOK_URL=http://127.0.0.1:8765/rows
    """
    import threading

    from demo.tool import serve

    settings = _open_company()
    with serve(settings.home, port, _secret(settings)) as running:
        typer.echo(running.url)
        threading.Event().wait()


def _open_company() -> Settings:
    """The home with this company in it. Raises ConfigError for a home of another one."""
    return settle("The Complete Journey", COMPANY)


def _land(
    landing: Path, cut: tuple[int | None, int | None, str | None], tell: Callable[[str], None]
) -> int:
    from demo.complete_journey import FIRST_MONTH
    from demo.complete_journey import land as write

    households, months, until = cut
    window = (FIRST_MONTH, until) if until else None
    return len(
        write(landing, households=households, months=months, window=window, on_progress=tell)
    )


def _land_day(landing: Path, day: str | None, households: int | None, months: int | None) -> int:
    from datetime import date

    from demo.complete_journey import land_day

    if day is None:
        return 0
    wanted = date.fromisoformat(day)
    return len(land_day(landing, wanted, households=households, months=months))


def _secret(settings: Settings) -> str:
    return settings.webhook_secret.get_secret_value() if settings.webhook_secret else ""


@contextmanager
def _tool(settings: Settings) -> Iterator[None]:
    """The tool on a free port of loopback, and its address where settings are read from."""
    from demo.tool import serve

    with serve(settings.home, 0, _secret(settings)) as running:
        os.environ["HABITUE_WEBHOOK_URL"] = running.url
        try:
            yield
        finally:
            del os.environ["HABITUE_WEBHOOK_URL"]
