"""How members become one probability: weights learnt on earlier cut-offs, calibration if needed.

Members' predictions at a past cut-off came from models that had not seen it, so the weights and the
calibration learnt from them are honest for the next one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ml.metrics import ece, ece_floor

ROWS_FOR_WEIGHTS = 20_000
# Pull towards equal weights, in rows: one cut-off of a few thousand customers must not
# throw a member out by chance.
PRIOR_ROWS = 500
TOLERATED_ECE = 0.01


@dataclass(frozen=True)
class Past:
    """Out-of-time predictions known by now: one element per cut-off, oldest first."""

    logits: list[Any] = field(default_factory=list)
    labels: list[Any] = field(default_factory=list)


@dataclass(frozen=True)
class Blend:
    """probability = sigmoid(slope × (logits · weights) + intercept); slope 1, intercept 0 = raw."""

    weights: Any
    slope: float = 1.0
    intercept: float = 0.0

    def probabilities(self, logits: Any) -> Any:
        """One probability per row of member log-odds."""
        return sigmoid(self.slope * (logits @ self.weights) + self.intercept)


def sigmoid(values: Any) -> Any:
    """Log-odds to probability."""
    return 1 / (1 + np.exp(-values))


def learn(member_count: int, past: Past, *, seed: int) -> Blend:
    """Weights from what is known; equal when nothing is. Calibrated only where it was badly off."""
    if not past.labels:
        return Blend(np.full(member_count, 1 / member_count))
    blend = Blend(_weights(np.vstack(past.logits), np.concatenate(past.labels), seed))
    logits, labels = np.vstack(past.logits[-2:]), np.concatenate(past.labels[-2:])
    predicted = blend.probabilities(logits)
    if ece(predicted, labels) <= ece_floor(predicted, seed=seed) + TOLERATED_ECE:
        return blend
    slope, intercept = _platt(logits @ blend.weights, labels)
    return Blend(blend.weights, slope, intercept)


def _weights(logits: Any, labels: Any, seed: int) -> Any:
    from scipy.optimize import minimize

    if len(labels) > ROWS_FOR_WEIGHTS:
        chosen = np.random.default_rng(seed).permutation(len(labels))[:ROWS_FOR_WEIGHTS]
        logits, labels = logits[chosen], labels[chosen]
    equal = np.full(logits.shape[1], 1 / logits.shape[1])

    def loss(weights: Any) -> float:
        combined = logits @ weights
        fit = np.logaddexp(0, combined).sum() - (labels * combined).sum()
        return float(fit + PRIOR_ROWS * ((weights - equal) ** 2).sum())

    def gradient(weights: Any) -> Any:
        error = sigmoid(logits @ weights) - labels
        return logits.T @ error + 2 * PRIOR_ROWS * (weights - equal)

    bounds = [(0.0, None)] * len(equal)
    return minimize(loss, equal, jac=gradient, bounds=bounds, method="L-BFGS-B").x


def _platt(combined: Any, labels: Any) -> tuple[float, float]:
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=1e3).fit(combined.reshape(-1, 1), labels)
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])
