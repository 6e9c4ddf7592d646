"""`habitue retention …`: what leaves when, by which rule, and the purge."""

from datetime import date
from typing import Annotated

import typer

retention = typer.Typer(help="What leaves when: the calendar, and the purge.", no_args_is_help=True)
LANG = typer.Option(help="en or fr; the company's first language when not given.")


@retention.callback()
def _retention() -> None:
    """What leaves when: the calendar, and the purge."""


@retention.command()
def calendar(
    months: Annotated[int, typer.Option(help="So many months ahead.", min=1, max=240)] = 12,
    lang: Annotated[str, LANG] = "",
) -> None:
    """How many people of each class leave use, or are erased, in each month.

    Example: habitue retention calendar --months 24 --lang fr
    """
    from governance.retention import calendar as leaving
    from governance.retention import written
    from orchestration.cli import session

    with session.reading() as house, house.warehouse.connect() as con:
        found = leaving(con, until=_later(house.as_of, months))
    for line in written(found, lang or house.settings.languages[0]):
        typer.echo(line)


@retention.command("rules")
def show_rules(lang: Annotated[str, LANG] = "") -> None:
    """Every class of data with how long it is kept, and the text it comes from.

    Example: habitue retention rules
    """
    from governance.retention import TEXTS, rules
    from orchestration.cli import session

    with session.reading() as house, house.warehouse.connect() as con:
        found = rules(con, as_of=house.as_of)
    language = lang or house.settings.languages[0]
    for rule in found:
        meaning, years, pointer = rule.meaning(language), rule.active_years, rule.legal_pointer
        typer.echo(TEXTS("kept", language, meaning=meaning, years=years, pointer=pointer))


@retention.command()
def apply(
    by: Annotated[str, typer.Option(help="Who starts it: a name for the certificates.")] = "",
    limit: Annotated[int, typer.Option(help="At most so many people.", min=1)] = 1000,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Erase; without it, only say who.")] = False,
) -> None:
    """Erase those whose data may be kept no longer, and remove other data that is too old.

    Without --yes, print who and what. Each person is an erasure with its certificate, and may be
    loaded again when they come back; --limit bounds people only.
    Example: habitue retention apply --by dpo --yes
    """
    from contract.errors import ConfigError
    from governance.erasure.requests import request_erasure
    from governance.retention import TEXTS, purge_due
    from orchestration import delivering, erasing
    from orchestration.cli import session
    from orchestration.purging import Purge

    if yes and not by:
        raise ConfigError("--by: who starts the purge? The certificates say it. Add --by NAME.")
    settings = session.open_home()
    playbook, lang = delivering.read_playbook(settings), settings.languages[0]
    with (
        session.writing(settings, "purge") as house,
        delivering.open_desk(house, playbook) as desk,
    ):
        with house.warehouse.connect() as con:
            due = purge_due(con)[:limit]
            text = TEXTS("purge_due", lang, count=len(due)) if due else TEXTS("purge_none", lang)
            if due and yes:
                counter = erasing.request_desk(desk, con)
                request_erasure(counter, due, by=by, because="retention period", reason="retention")
        if due and yes:
            worked = erasing.work_off(desk)
            counts = {"finished": len(worked.finished), "waiting": len(worked.waiting)}
            text = TEXTS("purged", lang, **counts)
        typer.echo("\n".join([text] if yes else [*due, text]))
        found = Purge(desk).apply() if yes else Purge(desk).overdue()
    for one in found:
        said = {"meaning": one.rule.meaning(lang), "count": one.count, "day": one.before}
        typer.echo(TEXTS("removed" if yes else "overdue", lang, **said))


def _later(day: date, months: int) -> date:
    """The first day of the month so many months after that of `day`."""
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)
