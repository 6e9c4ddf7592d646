"""`habitue sources …`: which systems there are, whose they are, how fresh, how many rows."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from orchestration.source_view import System

sources = typer.Typer(
    help="The systems: owner, freshness, last load, rows, quarantine.", no_args_is_help=True
)
AsJson = Annotated[bool, typer.Option("--json", help="For machines.")]


@sources.command("list")
def list_sources(*, as_json: AsJson = False) -> None:
    """Every declared system with owner, state, last load and rows.

    Example: habitue sources list · habitue sources list --json
    """
    systems = _read()
    if as_json:
        _print_json([system.as_json() for system in systems])
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="bold")
    for title in ("system", "owner", "connected", "state", "through", "last load", "last check"):
        table.add_column(title, no_wrap=True)
    for title in ("read", "loaded", "quarantined", "duplicate", "erased"):
        table.add_column(title, justify="right", no_wrap=True)
    for system in systems:
        table.add_row(
            system.system,
            system.owner,
            _connected(system),
            _coloured(system.state),
            _day(system.latest("data_through")),
            _minute(system.latest("loaded_at")),
            _minute(system.latest("checked_at")),
            *(_number(system.count(name)) for name in ("read", "loaded", "quarantined")),
            *(_number(system.count(name)) for name in ("duplicate", "erased")),
        )
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 200  # a pipe has no width: lines stay whole there
    console.print(table)


@sources.command()
def show(system: str, *, as_json: AsJson = False) -> None:
    """One system: what it gives, table by table, and what is missing to connect it.

    Example: habitue sources show shop
    """
    from contract.errors import ConfigError, did_you_mean

    found = {one.system: one for one in _read()}
    if system not in found:
        raise ConfigError(f"No system '{system}'.{did_you_mean(system, found)}")
    one = found[system]
    if as_json:
        _print_json(one.as_json())
        return
    days = "day" if one.cadence_days == 1 else f"{one.cadence_days} days"
    typer.echo(f"{one.system}: {one.description}")
    typer.echo(f"owner {one.owner}, by {one.how}, every {days}, {one.state}")
    if one.missing:
        typer.echo(f"to connect it, set {' and '.join(one.missing)} (see docs/settings.md)")
    for table in one.tables:
        counts = ", ".join(f"{count:,} {name}" for name, count in table.counts.items())
        typer.echo(f"  {table.entity:<24} through {_day(table.data_through):<11} {counts}")


def _read() -> "list[System]":
    """The systems; waits for a run that writes, as every question does."""
    import uuid

    from orchestration.cli import session
    from orchestration.run_lock import Holder, RunLock
    from orchestration.source_view import read_systems

    settings = session.open_home()

    def say(holder: "Holder | None") -> None:
        typer.echo(f"waiting for {holder or 'another run'}", err=True)

    with RunLock(settings.home).hold(f"question-{uuid.uuid4()}", on_wait=say):
        return read_systems(settings)


def _print_json(content: object) -> None:
    import json

    typer.echo(json.dumps(content, indent=2, ensure_ascii=False))


def _connected(system: "System") -> str:
    if system.how == "files":
        return "drops files" if system.is_connected else "–"
    return "settings unset" if system.missing else "yes"


def _coloured(state: str) -> str:
    colours = {"in time": "green", "late": "red", "not connected": "dim"}
    return f"[{colours.get(state, 'yellow')}]{state}[/]"


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "–"


def _minute(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "–"


def _number(count: int) -> str:
    return f"{count:,}" if count else "–"
