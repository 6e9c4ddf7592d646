"""The results of the checks, kept in the warehouse as `quality.results` for readers and pages."""

from __future__ import annotations

from datetime import datetime

import duckdb

from contract.sql import transaction
from quality.report import SuiteReport


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Make the empty table, so that what reads it builds before the first check."""
    con.execute("create schema if not exists quality")
    con.execute(
        "create table if not exists quality.results (suite varchar, door varchar, "
        "table_name varchar, expectation varchar, column_name varchar, is_passed boolean, "
        "row_count bigint, unexpected_count bigint, run_id varchar, checked_at timestamp)"
    )


def record(
    con: duckdb.DuckDBPyConnection, report: SuiteReport, *, run_id: str, checked_at: datetime
) -> None:
    """Replace the suite's results by those of `report`; checked_at in UTC without a mark."""
    prepare(con)
    with transaction(con):
        con.execute("delete from quality.results where suite = ?", [report.suite])
        con.executemany(
            "insert into quality.results values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                [
                    report.suite,
                    report.door,
                    report.table,
                    outcome.expectation,
                    outcome.column,
                    outcome.is_passed,
                    outcome.row_count,
                    outcome.unexpected_count,
                    run_id,
                    checked_at,
                ]
                for outcome in report.outcomes
            ],
        )
