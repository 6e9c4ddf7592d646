"""Values as a marketer writes them, in English and in French."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from contract.texts import Texts

TEXTS = Texts.load(Path(__file__).parent / "sentences.texts.yml")
VALUES = Texts.load(Path(__file__).parent / "values.texts.yml")
NARROW_SPACE = "\u202f"  # French groups digits with it, and it never breaks a line
_SHARES = ("_share", "_rate", "_probability", "_percentile")
_MONEY = re.compile(r".*_amount(_\d+_days)?")


def said(value: object, lang: str, column: str = "") -> str:
    """A value in words: `1 234,50`, `15 %`, `31/12/2017`, `oui`; the column tells the unit."""
    if value is None:
        return TEXTS("missing", lang)
    if isinstance(value, bool):
        return TEXTS("is_true" if value else "is_false", lang)
    if isinstance(value, date):
        return day(value, lang)
    if isinstance(value, int | float | Decimal):
        return _number(Decimal(str(value)), lang, column)
    code = f"{column}.{value}"
    return VALUES(code, lang) if code in VALUES.sentences else str(value)


def day(value: date, lang: str) -> str:
    """A day: 31/12/2017 in French, 2017-12-31 in English (no doubt about month and day)."""
    plain = value.date() if isinstance(value, datetime) else value
    return plain.strftime("%d/%m/%Y") if lang == "fr" else plain.isoformat()


def is_money(column: str) -> bool:
    """Whether a column holds an amount: `net_amount`, or one of a window, `net_amount_84_days`."""
    return _MONEY.fullmatch(column) is not None


def is_share(column: str) -> bool:
    """Whether a column holds a share of 1, said in percent."""
    return column.endswith(_SHARES)


def _number(value: Decimal, lang: str, column: str) -> str:
    if not value.is_finite():
        return TEXTS("missing", lang)
    if is_share(column):
        share = (value * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)
        text = _grouped(share.normalize() if share != share.to_integral() else share.to_integral())
        return _french(text) + NARROW_SPACE + "%" if lang == "fr" else text + "%"
    is_whole = value == value.to_integral()
    rounded = value.to_integral() if is_whole else value.quantize(Decimal("0.01"), ROUND_HALF_UP)
    text = _grouped(rounded if is_whole or is_money(column) else rounded.normalize())
    return _french(text) if lang == "fr" else text


def _grouped(value: Decimal) -> str:
    return f"{value:,f}"


def _french(text: str) -> str:
    return text.replace(",", NARROW_SPACE).replace(".", ",")
