"""A feature store in memory whose truth is known: silence makes customers leave, nothing else."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from ml.spec import ModelSpec, NaiveRule

FIRST = date(2017, 3, 27)
CUT_OFFS = [FIRST + timedelta(days=28 * step) for step in range(7)]
AS_OF = CUT_OFFS[-1]
SPEC = ModelSpec(
    name="attrition_28d",
    known_after_days=28,
    naive=NaiveRule("days_since_last_order", is_higher_likelier=True),
    rfm=("days_since_last_order", "purchase_day_count_84_days", "net_amount_84_days"),
    members=("logistic", "boosting", "forest"),
    is_risk=True,
    test_cut_offs=2,
)


def feature_store(*, seed: int = 1, customers: int = 400) -> duckdb.DuckDBPyConnection:
    """Customers × cut-offs; leaving depends on silence relative to the customer's own gap."""
    random = np.random.default_rng(seed)
    frames = []
    for cut_off in CUT_OFFS:
        gap = random.uniform(3, 40, customers)
        silence = np.ceil(random.exponential(gap))
        risk = 1 / (1 + np.exp(-(1.5 * silence / gap - 3.2)))
        frames.append(
            pd.DataFrame(
                {
                    "as_of_date": cut_off,
                    "customer_id": [f"c_{i:04d}" for i in range(customers)],
                    "days_since_last_order": silence,
                    "purchase_day_count_84_days": np.round(84 / gap),
                    "net_amount_84_days": random.gamma(2, 40, customers),
                    "mean_gap_days": gap,
                    "silence_to_mean_gap_ratio": silence / gap,
                    "redemption_count_84_days": np.nan,  # not connected: all missing
                    "is_active": True,
                    "value": (random.random(customers) < risk).astype(int),
                }
            )
        )
    rows = pd.concat(frames)
    con = duckdb.connect()
    con.register("rows", rows)
    con.execute(
        """
        create schema features;
        create table features.customer_features as
            select * exclude (value), as_of_date::timestamp as cut_off_at,
                timestamp '2017-01-01' as computed_at from rows;
        create table features.labels as
            select customer_id, '' as subject, as_of_date, 'attrition_28d' as task,
                28 as horizon_days, value, (as_of_date + 28)::timestamp as label_known_at
            from rows where as_of_date + 28 <= (select max(as_of_date) from rows);
        """
    )
    return con


@pytest.fixture
def store() -> duckdb.DuckDBPyConnection:
    return feature_store()


@pytest.fixture
def models_dir(tmp_path: Path) -> Path:
    return tmp_path / "models"
