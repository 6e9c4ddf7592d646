"""The rows that a model learns from and scores: read from features.*, never rebuilt here.

Training and scoring read the same columns with the same SQL; a training row also needs a label
that was fully known on the scoring day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from ml.errors import ModelRejected
from ml.spec import ModelSpec

# Feature cut-offs that train: Mondays 28 days apart. A day that was only scored is not one of them,
# else a company scored daily would learn from thirty near-copies of each customer.
ANCHOR = date(2017, 3, 27)
SPACING_DAYS = 28

_NOT_FEATURES = {
    "as_of_date",
    "customer_id",
    "category",
    "computed_at",
    "cut_off_at",
    "is_active",
    "observed_days",
    "is_bought_in_28_days",
}


@dataclass(frozen=True)
class Rows:
    """Customers (× categories) at cut-offs. keys: customer_id, subject, as_of_date, in their order.

    values: float32, one column per name, NaN where unknown. labels: 0 or 1, or None when scoring.
    """

    keys: pd.DataFrame
    values: Any
    names: tuple[str, ...]
    labels: Any | None = None

    def __len__(self) -> int:
        return len(self.keys)

    def at(self, mask: Any) -> Rows:
        """The rows where the mask holds (or at these positions)."""
        labels = None if self.labels is None else self.labels[mask]
        return Rows(
            self.keys.loc[mask].reset_index(drop=True), self.values[mask], self.names, labels
        )

    def column(self, name: str) -> Any:
        """One feature as float64."""
        return self.values[:, self.names.index(name)].astype("float64")


def labelled_cut_offs(
    con: duckdb.DuckDBPyConnection, spec: ModelSpec, *, scoring_day: date
) -> list[date]:
    """The spaced cut-offs whose labels were all known on the scoring day, oldest first."""
    found = con.execute(
        """
        select labels.as_of_date
        from features.labels as labels
        where labels.task = ?
        group by labels.as_of_date
        having max(labels.label_known_at) <= (
            select max(features.cut_off_at)
            from features.customer_features as features
            where features.as_of_date = ?
        )
        order by labels.as_of_date
        """,
        [spec.name, scoring_day],
    ).fetchall()
    return [day for (day,) in found if (day - ANCHOR).days % SPACING_DAYS == 0]


def training_rows(
    con: duckdb.DuckDBPyConnection,
    spec: ModelSpec,
    *,
    scoring_day: date,
    cut_offs: list[date],
) -> Rows:
    """Labelled rows of these cut-offs, ordered by cut-off, customer and subject.

    Raises ModelRejected for a cut-off whose labels were not fully known on the scoring day.
    """
    known = labelled_cut_offs(con, spec, scoring_day=scoring_day)
    for cut_off in cut_offs:
        if cut_off not in known:
            raise ModelRejected(
                f"features.labels: {spec.name} at {cut_off} is not known on {scoring_day} "
                f"(its labels need {spec.known_after_days} days). Train on earlier cut-offs."
            )
    return _read(con, spec, cut_offs, is_labelled=True)


def scoring_rows(con: duckdb.DuckDBPyConnection, spec: ModelSpec, *, as_of: date) -> Rows:
    """The active customers (× categories not bought in 28 days) to score on a day."""
    return _read(con, spec, [as_of], is_labelled=False)


def usable_names(rows: Rows) -> tuple[str, ...]:
    """Columns with at least two known values: boosting fails on a column that is all missing."""
    values = rows.values
    with np.errstate(all="ignore"):
        known = ~np.isnan(values)
        lows = np.where(known, values, np.inf).min(axis=0, initial=np.inf)
        highs = np.where(known, values, -np.inf).max(axis=0, initial=-np.inf)
    return tuple(
        name for name, low, high in zip(rows.names, lows, highs, strict=True) if low < high
    )


def select(rows: Rows, names: tuple[str, ...]) -> Rows:
    """The same rows with these columns, in this order.

    Raises ModelRejected when a column is missing.
    """
    missing = [name for name in names if name not in rows.names]
    if missing:
        raise ModelRejected(f"features.customer_features: no column {', '.join(missing)}. Retrain.")
    positions = [rows.names.index(name) for name in names]
    return Rows(rows.keys, rows.values[:, positions], names, rows.labels)


def is_known_by(cut_off: date, spec: ModelSpec, scoring_day: date) -> bool:
    """Whether labels of a cut-off had passed on the scoring day."""
    return cut_off + timedelta(days=spec.known_after_days) <= scoring_day


def _columns(con: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    described = con.execute(f"describe features.{table}").fetchall()
    return [name for (name, *_) in described if name not in _NOT_FEATURES]


def _read(
    con: duckdb.DuckDBPyConnection, spec: ModelSpec, cut_offs: list[date], *, is_labelled: bool
) -> Rows:
    own = list(spec.features) or _columns(con, "customer_features")
    category = _columns(con, "customer_category_features") if spec.has_subject else []
    subject = "pairs.category" if spec.has_subject else "''"
    selected = ", ".join(
        [f"cast(customers.{name} as float) as {name}" for name in own]
        + [f"cast(pairs.{name} as float) as {name}" for name in category]
    )
    pairs = (
        """inner join features.customer_category_features as pairs
            on customers.customer_id = pairs.customer_id
            and customers.as_of_date = pairs.as_of_date
            and not pairs.is_bought_in_28_days"""
        if spec.has_subject
        else ""
    )
    labels = (
        f"""inner join features.labels as labels
            on customers.customer_id = labels.customer_id
            and customers.as_of_date = labels.as_of_date
            and labels.task = '{spec.name}' and labels.subject = {subject}"""
        if is_labelled
        else ""
    )
    frame = con.execute(
        f"""
        select customers.customer_id, {subject} as subject, customers.as_of_date,
            {"labels.value" if is_labelled else "null"} as label, {selected}
        from features.customer_features as customers
        {pairs}
        {labels}
        where customers.is_active and list_contains(?, customers.as_of_date)
        order by customers.as_of_date, customers.customer_id, subject
        """,
        [cut_offs],
    ).df()
    names = (*own, *category)
    values = frame[list(names)].to_numpy(dtype="float32", na_value=np.nan)
    values = np.where(np.isfinite(values), values, np.float32(np.nan))
    keys = frame[["customer_id", "subject"]].copy()
    keys["as_of_date"] = frame["as_of_date"].dt.date if len(frame) else frame["as_of_date"]
    return Rows(keys, values, names, frame["label"].to_numpy(dtype="int8") if is_labelled else None)
