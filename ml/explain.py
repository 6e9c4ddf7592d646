"""Why a score is what it is, in words that hold: set the feature to what is usual and score again.

A reason says "raises" exactly when the score falls once the feature is set to the median of the
scored population, so its direction is right by construction, whatever the model.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from contract.texts import Texts
from ml.frames import Rows

LABELS = Texts.load(Path(__file__).with_name("features.texts.yml"))
WORDS = Texts.load(Path(__file__).with_name("explain.texts.yml"))
SAMPLE_ROWS = 300
CANDIDATES = 16
REASONS = 3
SMALLEST_EFFECT = 0.01  # in log-odds; below it a reason would be noise
# True of everybody who meets the category: no reason for one customer rather than another.
_NOT_PERSONAL = ("category_penetration_",)

Predict = Callable[[Any], Any]  # values → log-odds


@dataclass(frozen=True)
class Explanation:
    """reasons: JSON per explained row. drivers: feature, importance, label_en, label_fr."""

    reasons: list[str | None]
    drivers: pd.DataFrame


def explain(rows: Rows, chosen: Any, predict: Predict, *, is_risk: bool, seed: int) -> Explanation:
    """The three main reasons of the chosen rows, and what drives the score overall.

    chosen: positions of the rows to explain; predict: log-odds of a matrix with rows' columns.
    """
    medians = _medians(rows.values)
    sample = np.random.default_rng(seed).permutation(len(rows))[:SAMPLE_ROWS]
    effects = _effects(rows.values[sample], medians, range(len(rows.names)), predict)
    importance = np.abs(effects).mean(axis=0)
    order = [
        int(position)
        for position in np.argsort(-importance, kind="stable")
        if not rows.names[position].startswith(_NOT_PERSONAL)
    ]
    candidates = order[:CANDIDATES]
    moved = _effects(rows.values[chosen], medians, candidates, predict)
    # A high score is explained by what raises it, a low one by what lowers it.
    level = predict(rows.values)
    sides = np.where(level[chosen] >= np.median(level), 1.0, -1.0)
    moved = np.where(moved * sides[:, None] > 0, moved, 0)
    reasons: list[str | None] = [
        _reasons_of(row, rows.values[position], (rows.names, medians, candidates), is_risk=is_risk)
        for row, position in zip(moved, chosen, strict=True)
    ]
    drivers = pd.DataFrame(
        {
            "feature": [rows.names[i] for i in order],
            "importance": [float(importance[i]) for i in order],
            "label_en": [LABELS(rows.names[i], "en") for i in order],
            "label_fr": [LABELS(rows.names[i], "fr") for i in order],
        }
    )
    return Explanation(reasons, drivers)


def _medians(values: Any) -> Any:
    known = ~np.isnan(values).all(axis=0)
    medians = np.full(values.shape[1], np.nan, dtype="float32")
    medians[known] = np.nanmedian(values[:, known], axis=0)
    return medians


def _effects(values: Any, medians: Any, features: Any, predict: Predict) -> Any:
    """Log-odds lost when a feature becomes usual: one column per feature, positive = it raises."""
    if not len(values):
        return np.zeros((0, len(features)))
    usual = []
    for position in features:
        changed = values.copy()
        changed[:, position] = medians[position]
        usual.append(changed)
    after = predict(np.vstack(usual)).reshape(len(usual), len(values))
    return (predict(values) - after).T


def _reasons_of(
    effects: Any, values: Any, context: tuple[tuple[str, ...], Any, list[int]], *, is_risk: bool
) -> str:
    names, medians, candidates = context
    reasons: list[dict[str, str]] = []
    for best in np.argsort(-np.abs(effects), kind="stable"):
        if len(reasons) == REASONS or abs(effects[best]) < SMALLEST_EFFECT:
            break
        position = candidates[best]
        if _reads_as_usual(names[position], values[position], medians[position]):
            continue
        direction = "raises" if effects[best] > 0 else "lowers"
        sentence = f"{direction}_{'risk' if is_risk else 'chance'}"
        reason = {"feature": names[position], "direction": direction}
        for lang in ("en", "fr"):
            reason[lang] = WORDS(
                sentence,
                lang,
                label=LABELS(names[position], lang),
                value=_in_words(names[position], values[position], lang),
                usual=_in_words(names[position], medians[position], lang),
            )
        reasons.append(reason)
    return json.dumps(reasons, ensure_ascii=False)


def _reads_as_usual(name: str, value: float, usual: float) -> bool:
    """Whether a reader sees the same value twice, in which case it explains nothing."""
    return _in_words(name, value, "en") == _in_words(name, usual, "en")


def _in_words(name: str, value: float, lang: str) -> str:
    if np.isnan(value):
        return WORDS("unknown", lang)
    if name.endswith(("_share", "_share_84_days")):
        text = f"{100 * value:.0f} %" if lang == "fr" else f"{100 * value:.0f}%"
    elif abs(value) >= 100 or float(value).is_integer():  # noqa: PLR2004 - three digits are enough
        text = f"{value:.0f}"
    else:
        text = f"{value:.2f}" if abs(value) < 1 else f"{value:.1f}"
    return text.replace(".", ",") if lang == "fr" else text
