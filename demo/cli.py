"""`habitue demo`: a make-believe company, from its people to its site, on this machine."""

from __future__ import annotations

from typing import Annotated

import typer

from demo import real

app = typer.Typer(help="A make-believe company with its truth; `demo real`: a real retailer.")
app.add_typer(real.app, name="real")

People = Annotated[int | None, typer.Option(help="How many people it knows in the end; 6,000.")]
Months = Annotated[int | None, typer.Option(help="Months of history, up to 2026-06-30; 30.")]
Seed = Annotated[int | None, typer.Option(help="The same seed gives the same company; 2026.")]
Regime = Annotated[str | None, typer.Option(help="How people behave: a shipped name, or a file.")]
Days = Annotated[int, typer.Option(min=1, help="How many days go by.")]


@app.callback(invoke_without_command=True)
def demo(
    context: typer.Context,
    people: People = None,
    months: Months = None,
    seed: Seed = None,
    regime: Regime = None,
) -> None:
    """Draw the people, fill their systems, start those, run everything, say where to look.

    Each step is done once. Example: habitue demo · habitue demo --people 300 --months 6
    """
    if context.invoked_subcommand is not None:
        return
    from demo.company import shows

    asked = {"people": people, "months": months, "seed": seed, "regime": regime}
    shows.first({name: value for name, value in asked.items() if value is not None})


@app.command()
def advance(days: Days = 1) -> None:
    """Let days go by: people live on, react to what reached them, and one run sees it all.

    Example: habitue demo advance --days 7
    """
    from demo.company import shows

    shows.advance(days)


@app.command()
def story() -> None:
    """One person and their word: a merge undone, a withdrawal, a proof, an erasure; told once.

    Example: habitue demo story
    """
    from demo.company import shows

    shows.story()


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="Port of the tool that takes deliveries.")] = 8765,
) -> None:
    """Only start the company's systems on loopback and print their settings; Ctrl-C ends it.

    Example: habitue demo serve, then habitue run in another terminal with those settings
    """
    from demo.company import shows

    shows.serve(port)


@app.command()
def intraday(
    rounds: Annotated[int, typer.Option(min=1, help="How many carts are left, one by one.")] = 5,
) -> None:
    """Measure from a cart left in the shop to its row ready to send: p50 and p95.

    Example: habitue demo intraday --rounds 10
    """
    from demo.bench.intraday import measure

    raise typer.Exit(code=measure(rounds))
