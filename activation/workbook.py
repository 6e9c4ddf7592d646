"""The marketer's workbook: customers in typed cells, a data dictionary, and the waterfall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from activation.arbitration import OUTCOMES
from activation.cells import LONGEST_CELL, in_words, number_format, shown_columns
from activation.columns import Column
from activation.destination import Shipment
from activation.payloads import description
from activation.words import is_money, is_share
from contract.texts import Texts

TEXTS = Texts.load(Path(__file__).parent / "file_export.texts.yml")
_WIDEST = 60


@dataclass(frozen=True)
class Table:
    """What goes into a file: columns, and rows of typed values by column name."""

    columns: list[Column]
    rows: list[Mapping[str, Any]]
    shipment: Shipment
    currency: str


def write_workbook(path: Path, table: Table, lang: str) -> None:
    """Write the XLSX. Text stays text: no formula, no link, no number made of leading zeros."""
    import xlsxwriter

    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "in_memory": True,
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        # The day of the data, not of the writing: the same content gives the same bytes.
        book.set_properties({"created": datetime.combine(table.shipment.as_of, time())})
        _customers(book, table, lang)
        _dictionary(book, table, lang)
        _waterfall(book, table.shipment, lang)


def waterfall_totals(shipment: Shipment) -> list[tuple[str, int]]:
    """(matched, then every outcome) → people, over the segments of the shipment."""
    totals = dict.fromkeys(OUTCOMES, 0)
    for _, name, count in shipment.waterfall:
        totals[name] += count
    return [("matched", sum(totals.values())), *totals.items()]


def _customers(book: Any, table: Table, lang: str) -> None:
    sheet = book.add_worksheet(TEXTS("customers_sheet", lang))
    header = book.add_format({"bold": True, "bg_color": "#DDE7F0", "text_wrap": True})
    columns = shown_columns(table.columns, lang)
    for position, column in enumerate(columns):
        label = column.label[lang]
        cell_format = book.add_format({"num_format": number_format(column, lang)})
        sheet.set_column(position, position, _width(label, column, table.rows), cell_format)
        sheet.write_string(0, position, label, header)
        for line, row in enumerate(table.rows, start=1):
            value = in_words(column, row[column.name], lang)
            _write_cell(sheet, (line, position), value, cell_format)
    sheet.freeze_panes(1, 1)
    if columns:
        sheet.autofilter(0, 0, max(1, len(table.rows)), len(columns) - 1)


def _write_cell(sheet: Any, place: tuple[int, int], value: Any, cell_format: Any) -> None:
    if value is None:
        sheet.write_blank(*place, None, cell_format)
    elif isinstance(value, bool):
        sheet.write_boolean(*place, value, cell_format)
    elif isinstance(value, Decimal):
        sheet.write_number(*place, float(value), cell_format)
    elif hasattr(value, "isoformat"):
        sheet.write_datetime(*place, value, cell_format)
    else:
        sheet.write_string(*place, str(value)[:LONGEST_CELL], cell_format)


def _width(label: str, column: Column, rows: Sequence[Mapping[str, Any]]) -> int:
    longest = max((len(str(row[column.name])) for row in rows[:200]), default=0)
    return min(_WIDEST, max(12, longest + 2, len(label) // 2 + 4))


def _dictionary(book: Any, table: Table, lang: str) -> None:
    lines = [
        (
            column.label[lang],
            description(column, lang),
            _unit(column, table.currency, lang),
            TEXTS(column.origin, lang),
            column.name,
        )
        for column in shown_columns(table.columns, lang)
    ]
    head = tuple(TEXTS(key, lang) for key in ("column", "meaning", "unit", "origin", "code"))
    _text_sheet(book, TEXTS("dictionary_sheet", lang), [head, *lines], (34, 80, 20, 24, 28))


def _unit(column: Column, currency: str, lang: str) -> str:
    """In what a number or a moment is said; empty for a text."""
    if column.kind == "timestamp":
        return "UTC"
    if column.kind != "number":
        return ""
    if is_money(column.name):
        return currency
    if is_share(column.name):
        return "%"
    is_days = column.name.startswith("days_") or column.name.endswith("_gap_days")
    return TEXTS("days", lang) if is_days else ""


def _waterfall(book: Any, shipment: Shipment, lang: str) -> None:
    sheet_name = TEXTS("waterfall_sheet", lang)
    sheet = _text_sheet(
        book, sheet_name, [(TEXTS("outcome", lang), TEXTS("people", lang))], (40, 12)
    )
    for line, (name, count) in enumerate(waterfall_totals(shipment), start=1):
        sheet.write_string(line, 0, TEXTS(name, lang))
        sheet.write_number(line, 1, count)


def _text_sheet(book: Any, name: str, lines: Sequence[Sequence[str]], widths: Sequence[int]) -> Any:
    sheet = book.add_worksheet(name)
    header = book.add_format({"bold": True, "bg_color": "#DDE7F0"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for position, width in enumerate(widths):
        sheet.set_column(position, position, width)
    for line, texts in enumerate(lines):
        for position, text in enumerate(texts):
            sheet.write_string(line, position, text, wrapped if line else header)
    sheet.freeze_panes(1, 0)
    return sheet
