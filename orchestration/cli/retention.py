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
        meaning = rule.meaning_en if language == "en" else rule.meaning_fr
        years, pointer = rule.active_years, rule.legal_pointer
        typer.echo(TEXTS("kept", language, meaning=meaning, years=years, pointer=pointer))


def _later(day: date, months: int) -> date:
    """The first day of the month so many months after that of `day`."""
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)
