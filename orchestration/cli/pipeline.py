"""`habitue run` and `habitue list`."""

from typing import Annotated

import typer


def run(
    select: Annotated[
        list[str] | None,
        typer.Option(help="Only these assets: marts.customer_360, +marts.rfm, group:core."),
    ] = None,
    month: Annotated[
        str | None, typer.Option(help="A past month again, YYYY-MM: its files, its cut-offs.")
    ] = None,
    cut_off: Annotated[
        str | None, typer.Option(help="One feature cut-off again, YYYY-MM-DD.")
    ] = None,
    job: Annotated[
        str, typer.Option(help="daily; intraday: only what just happened, up to its messages.")
    ] = "daily",
    *,
    force: Annotated[bool, typer.Option("--force", help="Also what is unchanged.")] = False,
) -> None:
    """Load what is new, rebuild what depends on it, send what needs no approval.

    Example: habitue run · habitue run --job intraday · habitue run --select +marts.rfm
    """
    from orchestration.cli import screen, session
    from orchestration.launch import Request, launch

    settings = session.open_home()
    progress = session.show()
    if cut_off:
        _ask_for(settings, cut_off)
    request = Request(job=job, select=tuple(select or ()), month=month, force=force)
    outcome = launch(settings, request, progress)
    screen.after_run(settings, outcome.run_id)


def _ask_for(settings: object, cut_off: str) -> None:
    from datetime import date

    from contract.errors import ConfigError
    from orchestration import cut_offs
    from orchestration.cli import session
    from orchestration.house import now
    from orchestration.settings import Settings

    assert isinstance(settings, Settings)  # noqa: S101 - narrows the type
    try:
        day = date.fromisoformat(cut_off)
    except ValueError:
        raise ConfigError(f"--cut-off {cut_off}: not a day; for example 2017-07-17.") from None
    with session.writing(settings, "cut-off") as house, house.warehouse.connect() as con:
        if not cut_offs.ask_for_cut_off(con, day, now()):
            days = con.execute("select as_of_date from raw_control.cut_offs order by 1").fetchall()
            known = ", ".join(str(row[0]) for row in days) or "none yet; run first"
            raise ConfigError(f"--cut-off {cut_off}: not on the grid. Cut-offs: {known}.")


def list_(
    *, assets: Annotated[bool, typer.Option("--assets", help="Every asset by group.")] = False
) -> None:
    """Print what was found: sources, models, segments, campaigns, destinations, suites, pages.

    Example: habitue list · habitue list --assets
    """
    from rich import print as show

    from orchestration.cli import found, session

    settings = session.open_home()
    sections = found.assets(settings) if assets else found.things(settings)
    for title, names in sections.items():
        show(f"[bold]{title}[/bold] ({len(names)})")
        for name in names:
            show(f"  {name}")
