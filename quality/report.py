"""What a suite is, and what a check of it found. Counts only: never a value of a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Scalar = str | int | float | bool
Condition = tuple[str, str, Scalar]  # column, "==" or ">", value
_NOT_BLANK = r"[\s\S]*\S[\s\S]*"


@dataclass(frozen=True)
class Expectation:
    """One thing that must hold, as plain data.

    kind: not_null, unique, one_of, between, matches (see `quality/runner.py`).
    columns: one column, or several for unique. when: only rows for which all these conditions hold.
    """

    kind: str
    columns: tuple[str, ...]
    values: tuple[Scalar, ...] = ()
    at_least: float | None = None
    at_most: float | None = None
    when: tuple[Condition, ...] = ()

    @property
    def words(self) -> str:
        """The expectation as a reader says it, without its column."""
        said = {
            "not_null": "is never empty",
            "unique": "is unique",
            "one_of": "is one of " + ", ".join(str(value) for value in self.values),
            "between": f"is between {_bound(self.at_least)} and {_bound(self.at_most)}",
            "matches": self._matching,
        }[self.kind]
        rows = " and ".join(
            f"{column} is {'above ' if sign == '>' else ''}{value}"
            for column, sign, value in self.when
        )
        return f"{said} where {rows}" if rows else said

    @property
    def _matching(self) -> str:
        if self.values == (_NOT_BLANK,):
            return "is never blank"
        return f"matches {self.values[0]}" if self.values else "matches"


def not_null(*columns: str, when: Sequence[Condition] = ()) -> list[Expectation]:
    """Each of these columns always has a value, in the rows for which the conditions hold."""
    return [Expectation("not_null", (column,), when=tuple(when)) for column in columns]


def not_blank(*columns: str) -> list[Expectation]:
    """Each of these texts, where there is one, says something: neither '' nor blanks only."""
    return [Expectation("matches", (column,), values=(_NOT_BLANK,)) for column in columns]


def unique(*columns: str) -> Expectation:
    """No two rows have the same values in all these columns."""
    return Expectation("unique", columns)


def one_of(column: str, *values: Scalar) -> Expectation:
    """A value, where there is one, is one of these."""
    return Expectation("one_of", (column,), values=values)


def between(
    column: str, at_least: float | None = None, at_most: float | None = None
) -> Expectation:
    """A number, where there is one, lies within these bounds, themselves included."""
    return Expectation("between", (column,), at_least=at_least, at_most=at_most)


def matches(column: str, pattern: str) -> Expectation:
    """A text, where there is one, matches the whole regular expression."""
    return Expectation("matches", (column,), values=(pattern,))


def _bound(value: float | None) -> str:
    return "anything" if value is None else f"{value:g}"


@dataclass(frozen=True)
class Suite:
    """The expectations of one table at one door.

    door: raw, scores or segments. table: SQL name of what is checked, or '' when the caller always
    brings a frame. personal: columns whose values must never be kept, nor counted value by value.
    """

    door: str
    table: str
    expectations: Sequence[Expectation]
    personal: frozenset[str] = field(default_factory=frozenset)
    load_column: str = ""  # where the table says which load brought a row


@dataclass(frozen=True)
class Outcome:
    """What one expectation found. unexpected_count: None where only yes or no may be known."""

    expectation: str
    column: str
    is_passed: bool
    row_count: int | None
    unexpected_count: int | None


@dataclass(frozen=True)
class SuiteReport:
    """What one suite found on one table."""

    suite: str
    door: str
    table: str
    row_count: int
    outcomes: Sequence[Outcome]

    @property
    def passed(self) -> bool:
        """Whether every expectation holds."""
        return all(outcome.is_passed for outcome in self.outcomes)

    @property
    def failures(self) -> list[Outcome]:
        """The expectations that do not hold."""
        return [outcome for outcome in self.outcomes if not outcome.is_passed]

    def as_metadata(self) -> Mapping[str, object]:
        """Plain values for a run's log."""
        return {
            "rows": self.row_count,
            "checks": len(self.outcomes),
            "failures": [
                f"{o.column} {o.expectation}: {o.unexpected_count}" for o in self.failures
            ],
        }
