"""Each value of customer_360 for one person, in groups: value, origin, source, and what it means.

A value that a rule gave says the rule with this person's numbers instead (`value_rules`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from activation.columns import Column
from activation.payloads import description
from activation.value_rules import exists, notes_of
from activation.words import is_money, said
from contract.texts import Texts

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TEXTS = Texts.load(Path(__file__).parent / "why.texts.yml")
# The column a group begins with, in the order of the mart.
_STARTS = {
    "customer_id": "person",
    "first_ordered_on": "purchases",
    "redemption_count": "campaigns",
    "store_count": "purchases",
    "recency_score": "rfm",
    "rfm_group": "rfm",
    "pmg_class": "pmg",
    "lifecycle_stage": "lifecycle",
    "attrition_28d_probability": "prediction",
    "attrition_56d_probability": "prediction",
    "product_view_count": "web",
    "data_as_of": "person",
}
_ENTITIES = {
    "person": ("customers", "objections"),
    "purchases": ("orders", "order_lines", "products"),
    "campaigns": ("campaign_contacts", "redemptions"),
    "web": ("product_views", "content_views"),
}
_TABLES = {
    "rfm": "marts.rfm, marts.rfm_cuts",
    "pmg": "marts.pmg",
    "lifecycle": "marts.lifecycle, marts.purchase_cycle",
    "prediction": "ml.scores",
}
_CODES_OF = {"rfm_previous_group": "rfm_group", "pmg_previous_class": "pmg_class"}


@dataclass(frozen=True)
class Line:
    """One fact: what, its value, and why or from where."""

    name: str
    value: str
    note: str = ""


@dataclass
class Section:
    """Facts of one kind."""

    title: str
    lines: list[Line] = field(default_factory=list)


def value_sections(
    con: DuckDBPyConnection, values: Mapping[str, Any], columns: Mapping[str, Column], lang: str
) -> list[Section]:
    """Every column of the person's row; what is empty without a reason is named in one line."""
    notes = notes_of(con, values, lang)
    sections = []
    for group, members in _grouped(columns, lang).items():
        title = TEXTS(f"group_{group}", lang, source=_source(con, group, lang))
        section = Section(title, list(_lines(members, values, notes, lang)))
        empty = [c.label[lang] for c in members if values.get(c.name) is None]
        empty = [c for c in empty if c not in {line.name for line in section.lines}]
        if empty:
            section.lines.append(Line(TEXTS("not_known", lang), ", ".join(empty)))
        sections.append(section)
    return sections


def _grouped(columns: Mapping[str, Column], lang: str) -> dict[str, list[Column]]:
    found: dict[str, list[Column]] = {}
    group = "person"
    for name, column in columns.items():
        group = _STARTS.get(name, group)
        if not name.startswith("attrition_reasons_") or name.endswith(lang):
            found.setdefault(group, []).append(column)
    return found


def _lines(
    members: list[Column], values: Mapping[str, Any], notes: Mapping[str, str], lang: str
) -> Iterator[Line]:
    for column in members:
        value, rule = values.get(column.name), notes.get(column.name)
        if value is None and not rule:
            continue
        text = said(value, lang, _CODES_OF.get(column.name, column.name))
        if value is not None and is_money(column.name):
            text = f"{text} {values.get('currency') or ''}".rstrip()
        meaning = rule or description(column, lang)
        note = TEXTS("note", lang, origin=TEXTS(column.origin, lang), meaning=meaning)
        yield Line(column.label[lang], text, note)


def _source(con: DuckDBPyConnection, group: str, lang: str) -> str:
    """Tables a group is computed from, or the entities it is read from with their systems."""
    if group in _TABLES:
        return _TABLES[group]
    entities = _ENTITIES[group]
    if not exists(con, "raw_control", "sources"):
        return ", ".join(entities)
    found = con.execute(
        "select entity || ' (' || string_agg(distinct source_system, ', ' "
        "order by source_system) || ')' from raw_control.sources "
        "where is_connected and list_contains(?, entity) group by entity order by entity",
        [list(entities)],
    ).fetchall()
    return ", ".join(text for (text,) in found) or TEXTS("no_source", lang)
