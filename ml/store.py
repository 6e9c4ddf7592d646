"""The ml tables: created empty, then replaced per score inside one transaction."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from contract import crash_points
from contract.sql import transaction

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from ml.reports import TrainingReport

_TABLES = """
create schema if not exists ml;
create table if not exists ml.scores (
    customer_id varchar, score varchar, subject varchar, probability double, percentile double,
    model_version varchar, used boolean, reasons varchar, as_of_date date);
create table if not exists ml.backtests (
    score varchar, cut_off date, metric varchar, model varchar, value double);
create table if not exists ml.models (
    model_version varchar, score varchar, trained_at timestamp, cut_offs varchar, metrics varchar,
    sha256 varchar, path varchar, used boolean, notice_en varchar, notice_fr varchar);
create table if not exists ml.calibration (
    score varchar, cut_off date, bin integer, predicted double, observed double, row_count bigint);
create table if not exists ml.drivers (
    score varchar, feature varchar, importance double, label_en varchar, label_fr varchar);
"""


@dataclass(frozen=True)
class StoredModel:
    """The current model of a score. path is relative to the models folder; None when refused."""

    model_version: str
    sha256: str | None
    path: str | None
    used: bool
    cut_offs: tuple[date, ...]
    metrics: dict[str, dict[str, float]]
    notice_en: str
    notice_fr: str


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Create the ml tables that do not exist yet."""
    con.execute(_TABLES)


def current_model(con: duckdb.DuckDBPyConnection, score: str) -> StoredModel | None:
    """What is registered for a score, or None before its first training."""
    row = con.execute(
        """
        select model_version, sha256, path, used, cut_offs, metrics, notice_en, notice_fr
        from ml.models where score = ?
        """,
        [score],
    ).fetchone()
    if row is None:
        return None
    cut_offs = tuple(date.fromisoformat(day) for day in json.loads(row[4]))
    return StoredModel(row[0], row[1], row[2], row[3], cut_offs, json.loads(row[5]), row[6], row[7])


def register(
    con: duckdb.DuckDBPyConnection,
    report: TrainingReport,
    file: tuple[str, str] | None,
    frames: tuple[pd.DataFrame, pd.DataFrame],
    as_of: date,
) -> None:
    """Replace a score's model row, back-tests and calibration at once.

    file: path relative to the models folder and SHA-256, None when the model was refused.
    frames: rows of ml.backtests and of ml.calibration without the score.
    """
    path, sha256 = file or (None, None)
    backtests, calibration = frames
    with transaction(con):
        for table in ("models", "backtests", "calibration"):
            con.execute(f"delete from ml.{table} where score = ?", [report.score])
        con.execute(
            "insert into ml.models values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                report.model_version,
                report.score,
                datetime.combine(as_of, time()),
                json.dumps([day.isoformat() for day in report.cut_offs]),
                json.dumps(report.metrics, sort_keys=True),
                sha256,
                path,
                report.used,
                report.notice_en,
                report.notice_fr,
            ],
        )
        _append(con, "backtests", report.score, backtests)
        _append(con, "calibration", report.score, calibration)


def write_scores(
    con: duckdb.DuckDBPyConnection, score: str, scores: pd.DataFrame, drivers: pd.DataFrame
) -> None:
    """Replace a score's rows and drivers at once. Columns as in ml.scores and ml.drivers."""
    with transaction(con):
        for table in ("scores", "drivers"):
            con.execute(f"delete from ml.{table} where score = ?", [score])
        if len(scores):
            con.register("new_scores", scores)
            con.execute("insert into ml.scores by name select * from new_scores")
            con.unregister("new_scores")
        _append(con, "drivers", score, drivers)
    crash_points.reach("score.written")


def _append(con: duckdb.DuckDBPyConnection, table: str, score: str, rows: pd.DataFrame) -> None:
    if not len(rows):
        return
    con.register("new_rows", rows)
    con.execute(f"insert into ml.{table} by name select ? as score, * from new_rows", [score])
    con.unregister("new_rows")
