"""`habitue publish`, `doctor`, `recover`, `dev`, `bench-ml`: what an operator does by hand."""

from typing import Annotated

import typer

from contract.errors import ConfigError


def publish() -> None:
    """Publish what is in the warehouse and rebuild the site, without loading anything.

    Example: habitue publish
    """
    from orchestration.cli import screen, session
    from orchestration.launch import Request, launch

    settings = session.open_home()
    selection = ("published.publication", "group:dashboards")
    outcome = launch(settings, Request(select=selection), session.show())
    screen.after_run(settings, outcome.run_id)


def doctor() -> None:
    """Look at everything that may be wrong: versions, lock, slots, disk, telemetry, freshness.

    Exit code 1 when something needs a person. Example: habitue doctor
    """
    from rich.console import Console

    from orchestration.cli import session
    from orchestration.doctor import examine
    from orchestration.launch import instance

    settings = session.open_home()
    with instance() as here:
        findings = examine(here, settings)
    console = Console(highlight=False)
    for finding in findings:
        mark = "[green]ok [/green]" if finding.is_well else "[red]look[/red]"
        console.print(f"  {mark} {finding.subject:<24} {finding.text}", soft_wrap=True)
    raise typer.Exit(code=0 if all(f.is_well for f in findings) else 1)


def recover() -> None:
    """Close what a killed run left open; a live run is never touched.

    Every run does this at its start. Example: habitue recover
    """
    from orchestration.cli import session
    from orchestration.launch import instance
    from orchestration.recover import recover as close

    settings = session.open_home()
    with instance() as here:
        for line in close(here, settings):
            typer.echo(line)


def dev(
    port: Annotated[int, typer.Option(help="Port of the page, on this machine only.")] = 3000,
) -> None:
    """Open the same graph in the Dagster UI, on 127.0.0.1 only.

    The UI has no password: never let it listen on another address. Example: habitue dev
    """
    import os
    import sys

    from orchestration.cli import session
    from orchestration.launch import instance
    from orchestration.recover import recover as close
    from orchestration.settings import PROJECT_ROOT

    settings = session.open_home()
    with instance() as here:
        for line in close(here, settings):
            typer.echo(line)
    os.chdir(PROJECT_ROOT)
    module = ["-m", "orchestration.definitions", "-h", "127.0.0.1", "-p", str(port)]
    os.execv(sys.executable, [sys.executable, "-m", "dagster", "dev", *module])  # noqa: S606


def bench_ml() -> None:
    """Back-test every score beside its baselines, and the populations beside the published ones.

    Example: habitue bench-ml
    """
    from ml.bench import SEED, run
    from ml.registry import specs
    from orchestration.cli import session
    from orchestration.house import open_warehouse

    settings = session.open_home()
    if not settings.warehouse.exists():
        raise ConfigError(f"{settings.warehouse}: no warehouse yet. Run `make demo` first.")
    with open_warehouse(settings).connect() as con:
        raise typer.Exit(code=0 if run(con, specs(), seed=SEED) else 1)
