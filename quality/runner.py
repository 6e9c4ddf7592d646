"""Run a suite: the only file that knows Great Expectations.

Small tables go through it row by row; of a large one it judges the counts of an SQL profile. On
personal columns it may only answer yes or no (BOOLEAN_ONLY): its other result formats keep values.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import duckdb

from contract.discovery import discover
from contract.errors import ConfigError, did_you_mean
from contract.sql import literal, quote
from quality.profile import profile
from quality.report import Expectation, Outcome, Suite, SuiteReport

if TYPE_CHECKING:
    import pandas as pd

# A frame of this many text rows costs about a second to read; above it, SQL counts.
FRAME_ROWS = 50_000
COUNTS = {"result_format": "BASIC", "partial_unexpected_count": 0}  # counts, not one value
YES_OR_NO = {"result_format": "BOOLEAN_ONLY"}


def load_suites() -> dict[str, Suite]:
    """Every suite of `quality/suites`, by name."""
    found = discover("quality.suites", "SUITE")
    return {name: suite for name, suite in found.items() if isinstance(suite, Suite)}


def run_suite(
    name: str,
    source: pd.DataFrame | duckdb.DuckDBPyConnection,
    *,
    load_id: str | None = None,
) -> SuiteReport:
    """Check the frame, or the suite's table read through an open connection.

    load_id: look only at the rows that this load brought, where the table says so.
    Raises ConfigError for an unknown suite, or a suite without a table and a connection.
    """
    suites = load_suites()
    if name not in suites:
        raise ConfigError(f"quality/suites: no suite '{name}'.{did_you_mean(name, suites)}")
    suite = suites[name]
    if not isinstance(source, duckdb.DuckDBPyConnection):
        return check_frame(name, suite, source)
    if not suite.table:
        raise ConfigError(f"quality/suites/{name}.py names no table: bring a frame.")
    rows = f"select * from {suite.table}"
    if load_id is not None and suite.load_column:
        rows += f" where {quote(suite.load_column)} = {literal(load_id)}"
    counted = source.execute(f"select count(*) from ({rows})").fetchone()
    if counted and counted[0] > FRAME_ROWS:
        return check_profile(name, suite, source, rows)
    columns = {column for e in suite.expectations for column in _columns_of(e)}
    listed = ", ".join(f'"{column}"' for column in sorted(columns))
    return check_frame(name, suite, source.execute(f"select {listed} from ({rows})").df())


def check_frame(name: str, suite: Suite, rows: pd.DataFrame) -> SuiteReport:
    """Check every row of a frame that has at least the columns the suite names."""
    outcomes: dict[int, Outcome] = {}
    for is_personal in (False, True):
        chosen = {
            position: expectation
            for position, expectation in enumerate(suite.expectations)
            if bool(suite.personal & set(expectation.columns)) is is_personal
        }
        results = _validate(rows, list(chosen.values()), YES_OR_NO if is_personal else COUNTS)
        for (position, expectation), result in zip(chosen.items(), results, strict=True):
            unexpected = result.result.get("unexpected_count")
            outcomes[position] = _outcome(expectation, bool(result.success), len(rows), unexpected)
    ordered = [outcomes[position] for position in sorted(outcomes)]
    return SuiteReport(name, suite.door, suite.table, len(rows), ordered)


def check_profile(
    name: str, suite: Suite, con: duckdb.DuckDBPyConnection, rows: str
) -> SuiteReport:
    """Check a large table by the counts that one SQL scan gives."""
    import pandas as pd

    row_count, counts = profile(con, rows, suite.expectations)
    frame = pd.DataFrame({f"broken_{i}": [count] for i, count in enumerate(counts)})
    none = [Expectation("between", (c,), at_least=0, at_most=0) for c in frame.columns]
    results = _validate(frame, none, COUNTS)
    outcomes = [
        _outcome(
            expectation,
            bool(result.success),
            row_count,
            None if suite.personal & set(expectation.columns) else count,
        )
        for expectation, result, count in zip(suite.expectations, results, counts, strict=True)
    ]
    return SuiteReport(name, suite.door, suite.table, row_count, outcomes)


def _outcome(
    expectation: Expectation, is_passed: bool, row_count: int, unexpected: int | None
) -> Outcome:
    column = ", ".join(expectation.columns)
    return Outcome(expectation.words, column, is_passed, row_count, unexpected)


def _columns_of(expectation: Expectation) -> tuple[str, ...]:
    return (*expectation.columns, *(column for column, _, _ in expectation.when))


def _validate(
    rows: pd.DataFrame, expectations: Sequence[Expectation], result_format: dict[str, Any]
) -> list[Any]:
    """Great Expectations' results, in the order of `expectations`.

    Raises RuntimeError when an expectation could not be evaluated at all.
    """
    if not expectations:
        return []
    import great_expectations as gx

    # It tells of every temporary folder, and some library opens the root logger while importing.
    logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.WARNING)
    context: Any = gx.get_context(mode="ephemeral")
    context.enable_analytics(enable=False)
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    asset = context.data_sources.add_pandas("rows").add_dataframe_asset("rows")
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": rows})
    # One by one: a suite would drop an expectation stated twice and reorder nothing we can rely on.
    results = []
    for expectation in expectations:
        result = batch.validate(_translate(expectation), result_format=result_format)
        if result.exception_info.get("raised_exception"):
            columns = ", ".join(expectation.columns)
            raise RuntimeError(f"Check of {columns} could not run: {expectation.words}.")
        results.append(result)
    return results


def _translate(expectation: Expectation) -> Any:
    import great_expectations.expectations as gxe

    named: Any = gxe  # its names are re-exported without saying so, which mypy refuses
    arguments: dict[str, Any] = {"column": expectation.columns[0]}
    kind = expectation.kind
    if kind == "unique" and len(expectation.columns) > 1:
        kind, arguments = "unique_together", {"column_list": list(expectation.columns)}
    elif kind == "one_of":
        arguments["value_set"] = list(expectation.values)
    elif kind == "between":
        arguments |= {"min_value": expectation.at_least, "max_value": expectation.at_most}
    elif kind == "matches":
        arguments["regex"] = f"^(?:{expectation.values[0]})$"
    if expectation.when:
        conditions = [f"{column} {sign} {value!r}" for column, sign, value in expectation.when]
        arguments["row_condition"] = " and ".join(conditions)
        arguments["condition_parser"] = "pandas"
    return getattr(named, _GX_NAMES[kind])(**arguments)


_GX_NAMES = {
    "not_null": "ExpectColumnValuesToNotBeNull",
    "unique": "ExpectColumnValuesToBeUnique",
    "unique_together": "ExpectCompoundColumnsToBeUnique",
    "one_of": "ExpectColumnValuesToBeInSet",
    "between": "ExpectColumnValuesToBeBetween",
    "matches": "ExpectColumnValuesToMatchRegex",
}
