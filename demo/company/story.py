"""One person, and their word: a merge undone, a withdrawal, a proof and an erasure, told once.

Every step is a command that a user would type, run for real on the company of `habitue demo`.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import typer

from demo.company.cast import Cast, find_cast, holder_of, is_held, keep_cast

if TYPE_CHECKING:
    from orchestration.settings import Settings

BY, TITLE = "the demo", "\n{number}. {title}"
HELD = """
select campaign, channel from deliveries
where is_present and customer_id = :customer_id order by campaign
"""
LAST_WORD = """
select entry_id from consent_entries
where source like 'preference_centre%' order by sequence desc limit 1
"""


def tell(settings: Settings, run: Callable[[], object]) -> None:
    """The whole story; run: the pipeline, once everything was decided and said."""
    cast = find_cast(settings)
    keep_cast(settings, cast)
    _merge_and_undo(cast)
    _withdraw(settings, cast)
    _chapter(4, "Somebody wants to be forgotten")
    if is_held(settings, cast.forgotten):  # not when the story goes on after a kill
        why = ("--by", BY, "--because", "their letter")
        _habitue("person", "erase", cast.forgotten, *why, "--yes")
    _chapter(5, "One run sees it all")
    run()
    _show_what_followed(settings, cast)
    _prove(settings)


def _merge_and_undo(cast: Cast) -> None:
    _chapter(1, "Two records are one person, and this is why")
    _habitue("identity", "explain", cast.merged)
    _chapter(2, "Somebody knows better: never the same, dated and signed")
    because = "They came to the counter together: two people"
    pair = (cast.record, cast.other_record)
    _habitue("identity", "unmerge", *pair, "--by", BY, "--because", because)


def _withdraw(settings: Settings, cast: Cast) -> None:
    from demo.company.preference_pages import withdraw_through_pages

    _chapter(3, "Somebody has enough: the link of an e-mail, and “stop everything”")
    _list_held(settings, cast.withdrawing)
    withdraw_through_pages(settings, cast.link)
    typer.echo(f"{cast.withdrawing} opened the link and posted “stop everything”")


def _show_what_followed(settings: Settings, cast: Cast) -> None:
    _chapter(6, "What followed: two people with an id each; nothing goes where nobody wants it")
    _habitue("identity", "explain", cast.record, cast.other_record)
    for record in (cast.record, cast.other_record):
        _list_held(settings, holder_of(settings, record))
    _list_held(settings, cast.withdrawing)


def _prove(settings: Settings) -> None:
    _chapter(7, "The ledger, verified; and the withdrawal, proven to a third party")
    _habitue("consent", "verify")
    (entry_id,) = _read(settings, LAST_WORD)[0]
    proof = settings.home / "demo" / "proof.json"
    _habitue("consent", "proof", entry_id, "--out", str(proof))


def _chapter(number: int, title: str) -> None:
    typer.secho(TITLE.format(number=number, title=title), bold=True)


def _habitue(*words: str) -> None:
    """Run a command as it would be typed, and show it. Raises RuntimeError when it fails."""
    from orchestration.cli.main import app

    typer.secho(f"$ habitue {shlex.join(words)}", fg="cyan")
    code = app(list(words), standalone_mode=False)
    if code:
        raise RuntimeError(f"habitue {words[0]} {words[1]} ended with {code}")


def _list_held(settings: Settings, customer_id: str) -> None:
    """The destinations that hold this person now."""
    rows = _read(settings, HELD, customer_id=customer_id)
    typer.echo(f"{customer_id} is at {len(rows)} destinations"
               + "".join(f"\n  {campaign} ({channel})" for campaign, channel in rows))  # fmt: skip


def _read(settings: Settings, query: str, **values: str) -> list[Any]:
    from sqlalchemy import text

    from orchestration.state import open_state

    engine = open_state(settings.state_url)
    with engine.connect() as connection:
        rows = connection.execute(text(query), values).fetchall()
    engine.dispose()
    return list(rows)
