"""Segment conditions → one parametrised SELECT. Values are bound; names come from the allow-list.

Three-valued on purpose: a comparison with a missing value is unknown, and unknown selects nobody,
under `none` too. Missing is not zero; `is_missing` asks for it by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlglot import exp

from activation.columns import PERSON_MART
from activation.conditions import CHILD_MARTS, Comparison, Condition, Group, Has, Reference

CHILD = "child"


@dataclass(frozen=True)
class Query:
    """A statement and the values bound to it by name."""

    sql: str
    values: dict[str, Any]


def compile_members(where: Group, columns: Sequence[str], *, as_of: date) -> Query:
    """The members, one row each: the asked columns of customer_360, by customer_id.

    columns: names that the caller took from the documented columns.
    """
    compiler = _Compiler(as_of)
    selected = [exp.column(name, table=PERSON_MART, quoted=True) for name in columns]
    customer_id = exp.column("customer_id", table=PERSON_MART, quoted=True)
    query = (
        exp.select(*selected)
        .from_(exp.table_(PERSON_MART, db="marts"))
        .where(compiler.group(where))
        .order_by(customer_id)
    )
    return Query(query.sql("duckdb"), compiler.values)


def compile_matches(has: Has, *, as_of: date) -> Query:
    """The rows of the child mart that a quantifier counts: customer_id and its facts, the latest
    first. `$members` is to be bound: the people who are asked about.
    """
    compiler = _Compiler(as_of)
    dated, _ = CHILD_MARTS[has.mart]
    names = ["customer_id", *(column.name for column in has.facts)]
    columns = [exp.column(name, table=CHILD, quoted=True) for name in names]
    asked = exp.select(exp.func("unnest", exp.Placeholder(this="members")))
    person = exp.column("customer_id", table=CHILD, quoted=True)
    parts = [exp.In(this=person, query=asked.subquery()), *compiler.matching(has)]
    latest = exp.Ordered(this=exp.column(dated, table=CHILD, quoted=True), desc=True)
    query = (
        exp.select(*columns)
        .from_(exp.alias_(exp.table_(has.mart, db="marts"), CHILD, table=True))
        .where(exp.and_(*parts))
        .order_by(person, latest, *columns[1:])
    )
    return Query(query.sql("duckdb"), compiler.values)


class _Compiler:
    def __init__(self, as_of: date) -> None:
        self._as_of = as_of
        self.values: dict[str, Any] = {}

    def bind(self, value: object) -> exp.Expr:
        name = f"v{len(self.values) + 1}"
        self.values[name] = value
        return exp.Placeholder(this=name)

    def condition(self, condition: Condition) -> exp.Expr:
        if isinstance(condition, Comparison):
            return self.comparison(condition, PERSON_MART)
        if isinstance(condition, Has):
            return self.has(condition)
        if isinstance(condition, Reference):
            # Belonging to another segment is known: those it does not select are not in it.
            return exp.func("coalesce", exp.paren(self.group(condition.where)), exp.false())
        return self.group(condition)

    def group(self, group: Group) -> exp.Expr:
        parts: list[exp.Expr] = [exp.paren(self.condition(item)) for item in group.all]
        if group.any:
            parts.append(exp.paren(exp.or_(*(self.condition(item) for item in group.any))))
        parts += [exp.not_(exp.paren(self.condition(item))) for item in group.none]
        return exp.and_(*parts)

    def comparison(self, comparison: Comparison, table: str) -> exp.Expr:
        column = exp.column(comparison.column.name, table=table, quoted=True)
        value = comparison.value
        if comparison.operator == "is_missing":
            missing = exp.Is(this=column, expression=exp.Null())
            return missing if value is True else exp.not_(missing)
        if comparison.operator == "in":
            options = value if isinstance(value, tuple) else (value,)
            return exp.In(this=column, expressions=[self.bind(option) for option in options])
        if comparison.operator in ("within_days", "older_than_days"):
            return self.age(comparison, column)
        node = {"is": exp.EQ, "is_not": exp.NEQ, "at_least": exp.GTE, "at_most": exp.LTE}
        return node[comparison.operator](this=column, expression=self.bind(value))

    def age(self, comparison: Comparison, column: exp.Expr) -> exp.Expr:
        """Days before as_of, itself included; the future is within no days."""
        day = exp.cast(column, "date") if comparison.column.kind == "timestamp" else column
        # The definition was read with a whole number here; its type is that of any value.
        first = self.bind(self._as_of - timedelta(days=int(comparison.value)))  # type: ignore[arg-type]
        if comparison.operator == "older_than_days":
            return exp.LT(this=day, expression=first)
        return exp.Between(this=day, low=first, high=self.bind(self._as_of))

    def matching(self, has: Has) -> list[exp.Expr]:
        """What a row of the child mart must fulfil to count."""
        parts = [self.comparison(comparison, CHILD) for comparison in has.where]
        if has.within_days is not None:
            first = self.bind(self._as_of - timedelta(days=has.within_days))
            column = exp.column(CHILD_MARTS[has.mart][0], table=CHILD, quoted=True)
            day = exp.cast(column, "date")
            parts.append(exp.Between(this=day, low=first, high=self.bind(self._as_of)))
        return parts

    def has(self, has: Has) -> exp.Expr:
        _, guard = CHILD_MARTS[has.mart]
        person = exp.column("customer_id", table=PERSON_MART, quoted=True)
        child_person = exp.column("customer_id", table=CHILD, quoted=True)
        parts = [exp.EQ(this=child_person, expression=person), *self.matching(has)]
        rows = exp.select(exp.Count(this=exp.Star())).from_(
            exp.alias_(exp.table_(has.mart, db="marts"), CHILD, table=True)
        )
        counted = rows.where(exp.and_(*parts)).subquery()
        enough = exp.GTE(this=counted, expression=self.bind(has.count_at_least))
        if guard is None:
            return enough
        connected = exp.not_(
            exp.Is(this=exp.column(guard, table=PERSON_MART, quoted=True), expression=exp.Null())
        )
        return exp.Case().when(connected, enough)
