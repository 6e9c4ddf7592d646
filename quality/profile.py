"""Counts of broken rows in SQL: what Great Expectations sees of a table too large to load."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import duckdb

from contract.sql import literal, quote
from quality.report import Expectation, Scalar


def profile(
    con: duckdb.DuckDBPyConnection, rows: str, expectations: Sequence[Expectation]
) -> tuple[int, list[int]]:
    """How many rows the query `rows` has, and how many break each expectation, in one scan."""
    counts = ", ".join(violations(expectation) for expectation in expectations)
    found = con.execute(f"select count(*), {counts} from ({rows})").fetchone()
    numbers = [int(number) for number in found or ()]
    return numbers[0], numbers[1:]


def violations(expectation: Expectation) -> str:
    """The SQL expression that counts the rows that break an expectation."""
    if expectation.kind == "unique":
        together = ", ".join(quote(column) for column in expectation.columns)
        key = together if len(expectation.columns) == 1 else f"row({together})"
        return f"count(*) - count(distinct {key})"
    broken = _BROKEN[expectation.kind](quote(expectation.columns[0]), expectation)
    for column, sign, value in expectation.when:
        broken = f"({broken}) and {quote(column)} {_SIGNS[sign]} {_literal(value)}"
    return f"count(*) filter (where {broken})"


def _is_null(column: str, _: Expectation) -> str:
    return f"{column} is null"


def _not_listed(column: str, expectation: Expectation) -> str:
    return f"{column} not in ({', '.join(_literal(value) for value in expectation.values)})"


def _out_of_bounds(column: str, expectation: Expectation) -> str:
    sides = [(expectation.at_least, "<"), (expectation.at_most, ">")]
    parts = [f"{column} {sign} {bound}" for bound, sign in sides if bound is not None]
    return " or ".join(parts) or "false"


def _not_matching(column: str, expectation: Expectation) -> str:
    return f"not regexp_full_match({column}, {_literal(expectation.values[0])})"


_SIGNS = {"==": "=", ">": ">"}
_BROKEN: dict[str, Callable[[str, Expectation], str]] = {
    "not_null": _is_null,
    "one_of": _not_listed,
    "between": _out_of_bounds,
    "matches": _not_matching,
}


def _literal(value: Scalar) -> str:
    if isinstance(value, bool | int | float):
        return str(value).lower()
    return literal(value)
