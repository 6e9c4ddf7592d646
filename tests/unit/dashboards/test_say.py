"""Numbers, money and dates are written as each language writes them."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest

from contract.texts import Texts
from dashboards.say import Say, readable

TEXTS = Texts(Path("t.texts.yml"), {"name_gros": {"en": "Gros", "fr": "Gros"},
                                    "and": {"en": "and", "fr": "et"},
                                    "days": {"en": "{count} days", "fr": "{count} jours"},
                                    "days_one": {"en": "a day", "fr": "un jour"}})  # fmt: skip
EN, FR = Say("en", "USD", TEXTS, TEXTS), Say("fr", "EUR", TEXTS, TEXTS)


def test_english() -> None:
    assert EN.number(1234.5, 1) == "1,234.5"
    assert EN.percent(0.123, 1) == "12.3%"
    assert EN.percent(0.0004, 1) == "<0.1%"
    assert (EN.percent(0), EN.percent(0.006)) == ("0%", "1%")
    assert EN.money(1234.56, 2) == "$1,234.56"
    assert EN.money(-5) == "-$5"
    assert EN.short_money(482_000) == "$482K"
    assert EN.short_money(46_364) == "$46.4K"
    assert EN.short_money(4_590_000) == "$4.59M"
    assert EN.day(date(2018, 1, 1)) == "January 1, 2018"
    assert EN.moment(datetime(2018, 1, 1, 7)) == "Jan 1, 2018, 07:00 UTC"  # noqa: DTZ001


def test_french() -> None:
    assert FR.number(1234.5, 1) == "1\u202f234,5"
    assert FR.percent(0.5) == "50\u202f%"
    assert FR.percent(0.004) == "<\u00a01\u202f%"
    assert FR.money(1234.56, 2) == "1\u202f234,56\u00a0€"
    assert FR.short_money(482_000).replace("\u00a0", " ") == "482 k €"
    assert FR.day(date(2018, 1, 1)) == "1er janvier 2018"
    assert FR.day(date(2017, 12, 31)) == "31 décembre 2017"


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA, pd.NaT])
def test_what_is_missing_is_a_dash_never_a_zero(missing: float | None) -> None:
    assert EN.number(missing) == EN.money(missing) == EN.percent(missing) == "–"
    assert EN.short_money(missing) == EN.signed(missing) == "–"


def test_a_code_is_said_in_words() -> None:
    assert EN.name("gros") == "Gros"
    assert EN.name("lapsed_big_spenders") == "Lapsed big spenders"
    assert readable("SOFT DRINKS") == "Soft drinks"
    assert EN.listed(["a", "b", "c"]) == "a, b and c"
    assert EN.signed(-3) == "−3"


def test_one_thing_is_said_in_the_singular() -> None:
    assert EN.plural("days", 1) == "a day"
    assert FR.plural("days", 2) == "2 jours"
