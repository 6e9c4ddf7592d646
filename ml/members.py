"""The scikit-learn models that are blended, each good at what the others miss."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import QuantileTransformer, StandardScaler
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from ml.frames import Rows
from ml.spec import Member, ModelSpec

FEW_ROWS = 10_000


def fit_members(spec: ModelSpec, rows: Rows, *, seed: int) -> dict[str, Any]:
    """Member name → fitted model.

    The forest predicts on one thread: several would add its trees in a varying order.
    """
    members: dict[str, Any] = {
        member: _member(member, spec, len(rows), seed).fit(rows.values, rows.labels)
        for member in spec.members
    }
    if "forest" in members:
        members["forest"][-1].set_params(n_jobs=1)
    return members


def recipe(spec: ModelSpec, *, seed: int) -> str:
    """The members' settings in text: another setting is another model."""
    return " ".join(repr(_member(member, spec, FEW_ROWS, seed)) for member in spec.members)


def threads_of(threads: int) -> threadpool_limits:
    """Limits for fitting: linear algebra on one thread.

    The logistic member takes 0.5 s with one BLAS thread and 5.6 s with two on a busy machine
    (they wait spinning); trees gain from two.
    """
    return threadpool_limits({"blas": 1, "openmp": threads})


def member_logits(members: dict[str, Any], values: Any) -> Any:
    """One column of log-odds per member."""
    columns = [logit(model.predict_proba(values)[:, 1]) for model in members.values()]
    return np.column_stack(columns)


def logit(probabilities: Any) -> Any:
    """Log-odds, kept finite."""
    clipped = np.clip(probabilities, 1e-5, 1 - 1e-5)
    return np.log(clipped / (1 - clipped))


def rfm_logistic(spec: ModelSpec, rows: Rows) -> Pipeline:
    """The baseline of an analyst: logistic regression on the logarithms of R, F and M."""
    return make_pipeline(
        SimpleImputer(strategy="median"), StandardScaler(), LogisticRegression(max_iter=500)
    ).fit(rfm_values(spec, rows), rows.labels)


def rfm_values(spec: ModelSpec, rows: Rows) -> Any:
    """The logarithms of the recency, frequency and money columns."""
    columns = [np.log1p(np.clip(rows.column(name), 0, None)) for name in spec.rfm]
    return np.column_stack(columns)


def _member(member: Member, spec: ModelSpec, row_count: int, seed: int) -> Any:
    if member == "logistic":
        return make_pipeline(
            SimpleImputer(strategy="median"),
            QuantileTransformer(
                output_distribution="normal",
                n_quantiles=min(200, row_count),
                subsample=20_000,
                random_state=seed,
            ),
            LogisticRegression(C=0.02, max_iter=1000),
        )
    if member == "boosting":
        return HistGradientBoostingClassifier(
            learning_rate=spec.boosting_rate,
            max_iter=spec.boosting_iterations,
            max_leaf_nodes=spec.boosting_leaves,
            min_samples_leaf=200 if row_count >= FEW_ROWS else 40,
            l2_regularization=20,
            max_features=0.3,
            early_stopping=False,
            random_state=seed,
        )
    return make_pipeline(
        SimpleImputer(strategy="median"),
        ExtraTreesClassifier(
            80, min_samples_leaf=10, max_features=0.2, random_state=seed, n_jobs=2
        ),
    )
