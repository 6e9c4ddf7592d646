"""One value in a file: typed, so that no spreadsheet guesses, and no text becomes a formula."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from activation.columns import Column
from activation.words import VALUES, is_share

# A cell that begins like this is run as a formula by some spreadsheet, full-width forms included.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "|", "%")
LONGEST_CELL = 32_767  # Excel's own limit
LANGUAGE_ENDINGS = ("_en", "_fr")


def typed(column: Column, stored: Any) -> Any:
    """The value of a stored payload in the column's own type; None when missing."""
    if stored is None:
        return None
    if column.kind == "number":
        return Decimal(str(stored))
    if column.kind == "date":
        return date.fromisoformat(str(stored)[:10])
    if column.kind == "timestamp":
        return datetime.fromisoformat(str(stored))
    return stored


def shown_columns(columns: list[Column], lang: str) -> list[Column]:
    """Columns of a file in one language: texts written for the other language are left out."""
    other = [ending for ending in LANGUAGE_ENDINGS if ending != f"_{lang}"]
    return [column for column in columns if not column.name.endswith(tuple(other))]


def number_format(column: Column, lang: str) -> str:
    """Excel's format of a column."""
    if column.kind == "date":
        return "dd/mm/yyyy" if lang == "fr" else "yyyy-mm-dd"
    if column.kind == "timestamp":
        return "dd/mm/yyyy hh:mm" if lang == "fr" else "yyyy-mm-dd hh:mm"
    if column.kind != "number":
        return "@"
    if is_share(column.name):
        return "0.0%"
    # By the type, never `0.##`: Excel shows a lone decimal mark after a whole number.
    return "#,##0" if column.is_whole else "#,##0.00"


def in_words(column: Column, value: Any, lang: str) -> Any:
    """A code as its label (`at_risk` → À risque); any other value as it is."""
    if column.kind != "text" or value is None:
        return value
    name, _, subject = str(value).partition(":") if column.name == "score_name" else (value, "", "")
    code = f"{column.name}.{name}"
    if code not in VALUES.sentences:
        return value
    return f"{VALUES(code, lang)} {subject}".strip()


def guarded(text: str) -> str:
    """A text that a spreadsheet shows and never runs: a quote goes before a formula."""
    if text.lstrip(" \u00a0\ufeff").startswith(_FORMULA_STARTS):
        return "'" + text
    return text


def french(column: Column, value: Any) -> str:
    """A cell of a French CSV: decimal comma, dd/mm/yyyy, oui/non, guarded text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, Decimal):
        return f"{value:f}".replace(".", ",")
    if isinstance(value, datetime):
        return value.strftime("%d/%m/%Y %H:%M")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    return guarded(str(in_words(column, value, "fr")))


def machine(value: Any) -> str:
    """A cell of a machine's CSV: ISO forms, text byte for byte."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
