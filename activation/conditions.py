"""The segment language: what a condition is, and how it is read and checked.

Comparisons over documented columns of customer_360 under all / any / none, another segment, and
one quantifier (`has`) over a child mart. No arithmetic, no nesting of quantifiers, no SQL. What
still cannot be said is a missing column: add it in dbt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from activation.columns import PERSON_MART, Column, Marts
from activation.yaml_files import check_keys
from contract.errors import ConfigError, did_you_mean

OPERATORS = (
    "is",
    "is_not",
    "in",
    "at_least",
    "at_most",
    "within_days",
    "older_than_days",
    "is_missing",
)
GROUP_WORDS = ("all", "any", "none")
MAX_DEPTH = 6
MAX_DAYS = 36_500
Value = str | int | float | bool | date

# Child mart → its event date, and the column of customer_360 that is null while the mart's source
# is not connected: counting nothing there would read "unknown" as "none".
CHILD_MARTS: Mapping[str, tuple[str, str | None]] = {
    "customer_categories": ("last_ordered_on", None),
    "customer_campaigns": ("starts_on", None),
    "customer_products_seen": ("last_viewed_on", "product_view_count"),
    "customer_contents": ("last_viewed_on", "content_view_count"),
    "customer_topics": ("last_viewed_on", "content_view_count"),
    "customer_carts": ("changed_on", "has_abandoned_cart"),
    "customer_scenarios": ("since_on", None),
}
# What tells one row of a child mart from another, beside the columns that were asked about.
CHILD_FACTS: Mapping[str, tuple[str, ...]] = {
    "customer_categories": (
        "category",
        "appetence_percentile",
        "appetence_probability",
        "last_ordered_on",
    ),
    "customer_campaigns": ("campaign_name", "starts_on"),
    "customer_products_seen": ("product_name", "last_viewed_on"),
    "customer_contents": ("topic", "last_viewed_on"),
    "customer_topics": ("topic", "last_viewed_on"),
    "customer_carts": ("product_name", "changed_on"),
    "customer_scenarios": ("scenario", "state", "since_on", "due_on"),
}


@dataclass(frozen=True)
class Comparison:
    """One column against one value."""

    column: Column
    operator: str
    value: Value | tuple[Value, ...]


@dataclass(frozen=True)
class Has:
    """At least so many rows of a child mart, each fulfilling every comparison."""

    mart: str
    where: tuple[Comparison, ...]
    count_at_least: int
    within_days: int | None
    facts: tuple[Column, ...] = ()  # what a row says of itself when it is a reason


@dataclass(frozen=True)
class Group:
    """Every one of all, one of any, none of none."""

    all: tuple[Condition, ...] = ()
    any: tuple[Condition, ...] = ()
    none: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Reference:
    """Members of another segment, by its own conditions."""

    segment: str
    title: Mapping[str, str]
    where: Group


Condition = Comparison | Has | Group | Reference
Resolve = Callable[[str, Mapping[str, Any], str], Reference]


@dataclass(frozen=True)
class Reader:
    """Reads conditions against the real columns; `resolve` finds another segment."""

    marts: Marts
    resolve: Resolve

    def group(self, where: str, content: object, depth: int = 0) -> Group:
        """A mapping with all / any / none. Raises ConfigError naming the key's path."""
        if depth > MAX_DEPTH:
            raise ConfigError(f"{where}: nested deeper than {MAX_DEPTH} groups. Split the segment.")
        if not isinstance(content, dict) or not content:
            raise ConfigError(f"{where}: expected all, any or none, found {content!r}.")
        check_keys(where, content, GROUP_WORDS)
        parts = {}
        for word, items in content.items():
            if not isinstance(items, list) or not items:
                raise ConfigError(f"{where}.{word}: expected a list of conditions.")
            parts[word] = tuple(
                self.condition(f"{where}.{word}[{number}]", item, depth + 1)
                for number, item in enumerate(items)
            )
        return Group(**parts)

    def condition(self, where: str, item: object, depth: int) -> Condition:
        """One item of a list. Raises ConfigError naming the key's path."""
        if not isinstance(item, dict):
            raise ConfigError(f"{where}: expected {{column: …, is: …}}, found {item!r}.")
        if "column" in item:
            return self.comparison(where, item, PERSON_MART)
        if "segment" in item:
            check_keys(where, item, ("segment", "with"))
            return self.resolve(str(item["segment"]), item.get("with") or {}, where)
        if "has" in item:
            check_keys(where, item, ("has",))
            return self.has(f"{where}.has", item["has"])
        return self.group(where, item, depth)

    def has(self, where: str, content: object) -> Has:
        """The quantifier over a child mart. Raises ConfigError naming the key's path."""
        if not isinstance(content, dict):
            raise ConfigError(f"{where}: expected {{mart: …, where: […], count_at_least: …}}.")
        check_keys(where, content, ("mart", "where", "count_at_least", "within_days"), ("mart",))
        mart = content["mart"]
        known = [name for name in CHILD_MARTS if name in self.marts]
        if mart not in known:
            raise ConfigError(
                f"{where}.mart: no child mart '{mart}'.{did_you_mean(str(mart), known)}"
            )
        items = content.get("where", [])
        if not isinstance(items, list):
            raise ConfigError(f"{where}.where: expected a list of comparisons.")
        comparisons = tuple(
            self.comparison(f"{where}.where[{number}]", item, mart)
            for number, item in enumerate(items)
        )
        days = content.get("within_days")
        return Has(
            mart=mart,
            where=comparisons,
            count_at_least=_whole(f"{where}.count_at_least", content.get("count_at_least", 1), 1),
            within_days=None if days is None else _whole(f"{where}.within_days", days, 0),
            facts=self._facts(mart, comparisons),
        )

    def _facts(self, mart: str, where: tuple[Comparison, ...]) -> tuple[Column, ...]:
        columns = self.marts[mart]
        names = [*CHILD_FACTS[mart], *(comparison.column.name for comparison in where)]
        found = [columns[name] for name in dict.fromkeys(names) if name in columns]
        return tuple(column for column in found if column.privacy != "direct")

    def comparison(self, where: str, item: object, mart: str) -> Comparison:
        """One column, one operator, one value. Raises ConfigError naming the key's path."""
        if not isinstance(item, dict) or "column" not in item:
            raise ConfigError(f"{where}: expected {{column: …, is: …}}, found {item!r}.")
        check_keys(where, item, ("column", *OPERATORS))
        name = item["column"]
        columns = self.marts.get(mart, {})
        if name not in columns:
            hint = did_you_mean(str(name), columns)
            raise ConfigError(f"{where}: no column '{name}' in marts.{mart}.{hint}")
        operators = [key for key in item if key != "column"]
        if len(operators) != 1:
            raise ConfigError(
                f"{where}: expected one of {', '.join(OPERATORS)}, found {operators}."
            )
        [operator] = operators
        return Comparison(
            columns[name], operator, _value(where, columns[name], operator, item[operator])
        )


def _value(where: str, column: Column, operator: str, value: object) -> Value | tuple[Value, ...]:
    place = f"{where}.{operator}"
    if operator == "is_missing":
        if not isinstance(value, bool):
            raise ConfigError(f"{place}: expected true or false, found {value!r}.")
        return value
    if operator in ("within_days", "older_than_days"):
        if column.kind not in ("date", "timestamp"):
            raise ConfigError(f"{place}: '{column.name}' is a {column.kind}, not a date.")
        return _whole(place, value, 0)
    if operator == "in":
        if not isinstance(value, list) or not value:
            raise ConfigError(f"{place}: expected a list of values, found {value!r}.")
        return tuple(_scalar(place, column, one) for one in value)
    if operator in ("at_least", "at_most") and column.kind in ("text", "boolean"):
        raise ConfigError(f"{place}: '{column.name}' is a {column.kind}: it has no more or less.")
    return _scalar(place, column, value)


def _scalar(where: str, column: Column, value: object) -> Value:
    fits = {
        "text": isinstance(value, str),
        "boolean": isinstance(value, bool),
        "number": isinstance(value, int | float | Decimal) and not isinstance(value, bool),
        "date": isinstance(value, date) and not isinstance(value, datetime),
        "timestamp": isinstance(value, date),
    }
    if not fits[column.kind] or value != value:  # noqa: PLR0124 - a NaN is no value
        hint = " Put it in quotes." if column.kind == "text" else ""
        raise ConfigError(f"{where}: '{column.name}' is a {column.kind}, found {value!r}.{hint}")
    # `fits` has just narrowed it, which the type checker cannot follow through a table.
    return value  # type: ignore[return-value]


def _whole(where: str, value: object, least: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= MAX_DAYS:
        raise ConfigError(f"{where}: found {value!r}, expected a whole number ≥ {least}.")
    return value
