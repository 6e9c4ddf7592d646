"""How good a score is: ranking, calibration, and what chance alone would give."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

BINS = 10
SIMULATIONS = 100


def lift_at(scores: Any, labels: Any, share: float) -> float:
    """How many times more positives the best-scored `share` of rows holds than a random draw.

    scores and labels: one each per row, same order; share in (0, 1].
    Raises ValueError when no label is positive: lift has no meaning then.
    """
    if not labels.any():
        raise ValueError("lift_at: no positive label.")
    count = max(1, round(len(scores) * share))
    best = np.argsort(-scores, kind="stable")[:count]
    return float(labels[best].mean() / labels.mean())


def ranking(scores: Any, labels: Any, subjects: Any | None) -> dict[str, float]:
    """auc, pr_auc and lift_at_10; with subjects, means over them of the within-subject values.

    A subject where all labels are equal has no ranking and is left out. Scores need not be
    probabilities. Empty when nothing can be ranked.
    """
    from sklearn.metrics import average_precision_score, roc_auc_score

    groups = [np.arange(len(labels))] if subjects is None else _positions(subjects)
    found = [
        (
            roc_auc_score(labels[rows], scores[rows]),
            average_precision_score(labels[rows], scores[rows]),
            lift_at(scores[rows], labels[rows], 0.10),
        )
        for rows in groups
        if 0 < labels[rows].mean() < 1
    ]
    if not found:
        return {}
    means = np.mean(found, axis=0)
    return dict(zip(("auc", "pr_auc", "lift_at_10"), map(float, means), strict=True))


def probability_quality(predicted: Any, labels: Any, *, seed: int) -> dict[str, float]:
    """brier, ece, ece_floor, mean_predicted, observed_rate over all rows."""
    return {
        "brier": float(np.mean((predicted - labels) ** 2)),
        "ece": ece(predicted, labels),
        "ece_floor": ece_floor(predicted, seed=seed),
        "mean_predicted": float(predicted.mean()),
        "observed_rate": float(labels.mean()),
    }


def ece(predicted: Any, labels: Any) -> float:
    """Expected calibration error over ten bins of equal size."""
    bins = calibration(predicted, labels)
    gaps = (bins["predicted"] - bins["observed"]).abs() * bins["row_count"]
    return float(gaps.sum() / bins["row_count"].sum())


def ece_floor(predicted: Any, *, seed: int) -> float:
    """The error that perfectly calibrated probabilities show by chance on so many rows."""
    random = np.random.default_rng(seed)
    ordered = np.sort(predicted)
    starts = _bin_starts(len(ordered))
    sizes = np.diff([*starts, len(ordered)])
    means = np.add.reduceat(ordered, starts) / sizes
    draws = random.random((SIMULATIONS, len(ordered)), dtype="float32") < ordered
    observed = np.add.reduceat(draws, starts, axis=1, dtype="float64") / sizes
    return float((np.abs(observed - means) * sizes).sum(axis=1).mean() / len(ordered))


def calibration(predicted: Any, labels: Any) -> pd.DataFrame:
    """One row per bin (1 = lowest tenth): predicted and observed mean, row_count."""
    order = np.argsort(predicted, kind="stable")
    starts = _bin_starts(len(order))
    sizes = np.diff([*starts, len(order)])
    return pd.DataFrame(
        {
            "bin": np.arange(1, len(starts) + 1),
            "predicted": np.add.reduceat(predicted[order], starts) / sizes,
            "observed": np.add.reduceat(labels[order].astype("float64"), starts) / sizes,
            "row_count": sizes,
        }
    )


def _bin_starts(count: int) -> Any:
    return np.unique(np.arange(BINS) * count // BINS)


def _positions(subjects: Any) -> list[Any]:
    groups = pd.Series(np.arange(len(subjects))).groupby(np.asarray(subjects))
    return [rows.to_numpy() for _, rows in groups]
