from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.blend import Past, learn
from ml.metrics import calibration, ece, ece_floor, lift_at, ranking


def test_lift_counts_positives_in_the_best_share() -> None:
    labels = np.array([1, 1] + [0] * 18)
    scores = np.linspace(1, 0, 20)
    assert lift_at(scores, labels, 0.10) == 10
    assert lift_at(-scores, labels, 0.10) == 0


def test_lift_without_positives_has_no_meaning() -> None:
    with pytest.raises(ValueError, match="no positive"):
        lift_at(np.ones(3), np.zeros(3, dtype=int), 0.1)


@settings(print_blob=True, deadline=None)
@given(st.integers(0, 1000), st.integers(20, 500))
def test_calibration_bins_hold_every_row_once(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    predicted = random.random(count)
    labels = (random.random(count) < predicted).astype(int)
    bins = calibration(predicted, labels)
    assert bins["row_count"].sum() == count
    assert np.isclose((bins["observed"] * bins["row_count"]).sum(), labels.sum())
    assert bins["predicted"].is_monotonic_increasing


def test_calibrated_probabilities_have_the_error_of_chance() -> None:
    random = np.random.default_rng(5)
    predicted = random.uniform(0.02, 0.4, 20_000)
    labels = (random.random(20_000) < predicted).astype(int)
    assert abs(ece(predicted, labels) - ece_floor(predicted, seed=1)) < 0.004
    assert ece(predicted / 2, labels) > 0.08


def test_macro_metrics_are_means_within_subjects() -> None:
    subjects = np.array(["a"] * 4 + ["b"] * 4 + ["c"] * 2)
    labels = np.array([0, 0, 1, 1, 1, 1, 0, 0, 0, 0])
    scores = np.array([1, 2, 3, 4, 1, 2, 3, 4, 9, 9.0])
    assert ranking(scores, labels, subjects)["auc"] == 0.5
    assert ranking(scores, np.zeros(10, dtype=int), subjects) == {}


def test_members_weigh_the_same_until_the_past_says_otherwise() -> None:
    assert learn(3, Past(), seed=0).weights.tolist() == pytest.approx([1 / 3] * 3)


def test_weights_follow_the_better_member_and_are_never_negative() -> None:
    random = np.random.default_rng(2)
    good = random.normal(-2, 1.5, 20_000)
    labels = (random.random(20_000) < 1 / (1 + np.exp(-good))).astype(int)
    blend = learn(2, Past([np.column_stack([good, -good])], [labels]), seed=0)
    assert blend.weights[0] > 0.9
    assert blend.weights[1] >= 0


def test_probabilities_are_calibrated_only_when_they_were_badly_off() -> None:
    random = np.random.default_rng(2)
    truth = random.normal(-2, 1, 20_000)
    labels = (random.random(20_000) < 1 / (1 + np.exp(-truth))).astype(int)
    well = learn(1, Past([truth[:, None]], [labels]), seed=0)
    assert (well.slope, well.intercept) == (1.0, 0.0)
    logits = truth[:, None] + 2
    badly = learn(1, Past([logits], [labels]), seed=0)
    assert badly.intercept < 0
    assert ece(badly.probabilities(logits), labels) < 0.01
