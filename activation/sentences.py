"""A segment in words, generated from the very conditions that select its members."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from activation.columns import Column
from activation.conditions import CHILD_MARTS, Comparison, Condition, Group, Has, Reference
from activation.words import TEXTS, said

_TOLD_ROWS = 3


def sentence(where: Group, lang: str) -> str:
    """What the members have in common, as one sentence."""
    return TEXTS("people", lang, conditions=_group(where, lang, is_top=True))


def columns_used(where: Group) -> list[Column]:
    """Columns of customer_360 that the conditions look at, in reading order, each once."""
    found: dict[str, Column] = {}
    for condition in _comparisons(where):
        found.setdefault(condition.column.name, condition.column)
    return list(found.values())


def quantifiers(where: Group) -> list[Has]:
    """Every `has` of the conditions, those of other segments included, each once."""
    found: list[Has] = []
    for item in (*where.all, *where.any, *where.none):
        inner = item.where if isinstance(item, Reference) else item
        more = [inner] if isinstance(inner, Has) else []
        if isinstance(inner, Group):
            more = quantifiers(inner)
        found += [one for one in more if one not in found]
    return found


def counted(has: Has, rows: Sequence[Mapping[str, Any]], lang: str) -> str:
    """A quantifier as a reason: what its first rows say, and how many more there are.

    Empty where a mart that may lack its source has no row: nothing there is not "none".
    """
    if not rows and CHILD_MARTS[has.mart][1] is not None:
        return ""
    if not rows:
        conditions = _joined([_comparison(one, lang) for one in has.where], "and", lang)
        where = TEXTS("has_where", lang, conditions=conditions) if conditions else ""
        return TEXTS("has_none", lang, mart=TEXTS(has.mart, lang), where=where)
    told = [
        reason([column for column in has.facts if row[column.name] is not None], row, lang)
        for row in rows[:_TOLD_ROWS]
    ]
    if len(rows) > _TOLD_ROWS:
        told.append(TEXTS("has_more", lang, count=len(rows) - _TOLD_ROWS))
    return TEXTS("and_between", lang).join(one for one in told if one)


def reason(columns: Sequence[Column], values: Mapping[str, Any], lang: str) -> str:
    """Why this person is a member: the person's own values of the columns that were looked at.

    Direct identifiers are left out: a reason travels further than a name may.
    """
    facts = [
        TEXTS(
            "fact",
            lang,
            label=_label(column, lang),
            value=said(values[column.name], lang, column.name),
        )
        for column in columns
        if column.privacy != "direct"
    ]
    return TEXTS("and_between", lang).join(facts)


def _comparisons(group: Group) -> Iterator[Comparison]:
    for item in (*group.all, *group.any, *group.none):
        if isinstance(item, Comparison):
            yield item
        elif isinstance(item, Group):
            yield from _comparisons(item)
        elif isinstance(item, Reference):
            yield from _comparisons(item.where)


def _group(group: Group, lang: str, *, is_top: bool = False) -> str:
    parts = [_condition(item, lang) for item in group.all]
    if group.any:
        options = _joined([_condition(item, lang) for item in group.any], "or", lang)
        parts.append(TEXTS("either", lang, conditions=options) if len(group.any) > 1 else options)
    parts += [TEXTS("none", lang, condition=_condition(item, lang)) for item in group.none]
    text = _joined(parts, "and", lang)
    return text if is_top or len(parts) == 1 else TEXTS("group", lang, conditions=text)


def _condition(condition: Condition, lang: str) -> str:
    if isinstance(condition, Comparison):
        return _comparison(condition, lang)
    if isinstance(condition, Reference):
        return TEXTS("segment", lang, title=condition.title[lang])
    if isinstance(condition, Has):
        return _has(condition, lang)
    return _group(condition, lang)


def _comparison(comparison: Comparison, lang: str) -> str:
    column, value = comparison.column, comparison.value
    key = comparison.operator
    if key == "is_missing" and value is False:
        key = "is_known"
    if key in ("at_least", "at_most") and column.kind in ("date", "timestamp"):
        key += "_day"
    if isinstance(value, tuple):
        text = _joined([said(one, lang, column.name) for one in value], "or", lang)
    else:
        unit = "" if key.endswith("_days") else column.name
        text = said(value, lang, unit)
    return TEXTS(key, lang, label=_label(column, lang), value=text)


def _has(has: Has, lang: str) -> str:
    conditions = [_comparison(comparison, lang) for comparison in has.where]
    where = TEXTS("has_where", lang, conditions=_joined(conditions, "and", lang))
    within = "" if has.within_days is None else TEXTS("has_within", lang, days=has.within_days)
    return TEXTS(
        "has",
        lang,
        count=has.count_at_least,
        mart=TEXTS(has.mart, lang),
        where=where if conditions else "",
        within=within,
    )


def _joined(parts: Sequence[str], word: str, lang: str) -> str:
    if len(parts) < 2:  # noqa: PLR2004 - nothing to join
        return "".join(parts)
    return TEXTS(word, lang, first=TEXTS(f"{word}_between", lang).join(parts[:-1]), last=parts[-1])


def _label(column: Column, lang: str) -> str:
    """A label inside a sentence starts small, unless it is an acronym like RFM."""
    label = column.label[lang]
    return label if label[:2].isupper() else label[:1].lower() + label[1:]
