"""`habitue identity …`."""

from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.cli import linking

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from identity.overrides import Decision

identity = typer.Typer(
    help="Which records are one person: explain, undo, review, try on your own files.",
    no_args_is_help=True,
)
One = Annotated[str, typer.Argument(help="A customer's id, of today or of once, or system|key.")]
By = Annotated[str, typer.Option("--by", help="Who decides: a name.")]
Because = Annotated[str, typer.Option("--because", help="Why, for whoever asks in a year.")]

identity.command()(linking.link)
identity.command()(linking.review)


@identity.callback()
def _identity() -> None:
    """Which records are one person: explain, undo, review, try on your own files."""


@identity.command()
def explain(
    one: One,
    other: Annotated[str | None, typer.Argument(help="Another id: why one, or why not.")] = None,
    lang: Annotated[str, typer.Option(help="en or fr")] = "en",
) -> None:
    """What makes one person of these records, or what keeps two apart, in words.

    Example: habitue identity explain c_0f3a5b7d9e1c2f4a 'shop|10001'
    """
    from identity import explain as explaining
    from identity.who import find
    from orchestration.cli import session

    explaining.require_language(lang)
    with session.reading() as house, house.warehouse.connect() as con:
        decisions = _standing(_files())
        known = find(con, one)
        if other is None:
            lines = explaining.explain_one(con, known, decisions, lang)
        else:
            lines = explaining.explain_two(con, known, find(con, other), decisions, lang)
    typer.echo("\n".join(lines))


@identity.command()
def unmerge(one: One, other: One, by: By, because: Because) -> None:
    """Decide that two records are never the same person; the next run splits them, for ever.

    Example: habitue identity unmerge c_0f3a5b7d9e1c2f4a 'tills|29000000001' --by Anne --because
    "Father and son"
    """
    _decide("never_same", one, other, by, because)


@identity.command()
def merge(one: One, other: One, by: By, because: Because) -> None:
    """Decide that two records are one person; the next run joins them, for ever.

    Example: habitue identity merge 'shop|10001' 'hubspot|51' --by Anne --because "She called"
    """
    _decide("same", one, other, by, because)


@identity.command()
def withdraw(one: One, other: One, by: By, because: Because) -> None:
    """Take back what was decided about two records; the evidence alone decides again.

    Example: habitue identity withdraw 'shop|10001' 'hubspot|51' --by Anne --because "My mistake"
    """
    _decide("withdrawn", one, other, by, because)


@identity.command()
def overrides(
    every: Annotated[bool, typer.Option("--all", help="Also what no longer holds.")] = False,
) -> None:
    """The decisions that hold, with who took them, when and why.

    Example: habitue identity overrides --all
    """
    from identity import overrides as deciding

    rows = deciding.read(_files())
    for row in rows if every else deciding.standing(rows):
        pair = f"{row.record_id} / {row.other_record_id}"
        typer.echo(f"{row.decided_on}  {row.decision:<10} {pair}  {row.decided_by}: {row.reason}")


def _decide(decision: str, one: str, other: str, by: str, because: str) -> None:
    from identity import overrides as deciding
    from orchestration.cli import session

    with session.reading() as house, house.warehouse.connect() as con:
        row = _row(con, (one, other), decision, (by, because, house.as_of.isoformat()))
        files = _files()
        if decision == "withdrawn" and row.pair not in {d.pair for d in _standing(files)}:
            from contract.errors import ConfigError

            raise ConfigError(
                f"Nothing is decided about {row.record_id} and {row.other_record_id}."
            )
        deciding.append(files[-1], row)
    typer.echo(f"{decision}: {row.record_id} and {row.other_record_id}, written to {files[-1]}")
    typer.echo("It holds from the next `habitue run` on.")


def _row(
    con: "DuckDBPyConnection", pair: tuple[str, str], decision: str, said: tuple[str, str, str]
) -> "Decision":
    from datetime import date

    from identity.overrides import Decision
    from identity.who import find

    one, other = (find(con, asked) for asked in pair)
    is_one = one.customer_id == other.customer_id
    now = f"{one.customer_id}, one person today" if is_one else "two people today"
    typer.echo(f"{one.record_id} and {other.record_id}: {now}")
    by, because, day = said
    return Decision(decision, one.record_id, other.record_id, by, date.fromisoformat(day), because)


def _files() -> "tuple[Path, Path]":
    from orchestration.settings import load_settings, override_files

    return override_files(load_settings())


def _standing(files: "tuple[Path, Path]") -> "list[Decision]":
    from identity import overrides as deciding

    return deciding.standing(deciding.read(files))
