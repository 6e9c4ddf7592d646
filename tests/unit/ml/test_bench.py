from __future__ import annotations

from ml.bench import ANCHORS, population_lines, result_lines
from ml.registry import specs


def means(auc: float, ece: float = 0.01) -> dict[str, dict[str, float]]:
    values = {"pr_auc": 0.41, "lift_at_10": 3.0, "brier": 0.1, "ece": ece, "ece_floor": 0.01}
    return {model: {"auc": auc, **values} for model in ("champion", "naive", "lr_rfm")}


def test_the_anchors_agree_with_themselves() -> None:
    lines, is_same = population_lines(dict(ANCHORS))
    assert is_same
    assert len(lines) == 1 + len(ANCHORS)


def test_a_population_that_differs_by_more_than_one_percent_stops_the_bench() -> None:
    found = {day: (counts[0] + 30, *counts[1:]) for day, counts in ANCHORS.items()}
    assert not population_lines(found)[1]
    assert not population_lines({})[1]


def test_a_missed_goal_a_bad_calibration_and_a_suspicious_value_are_seen() -> None:
    assert result_lines("attrition_28d", 0.875, means(0.85))[1]
    assert not result_lines("attrition_28d", 0.875, means(0.84))[1]
    assert not result_lines("attrition_28d", 0.875, means(0.85, ece=0.03))[1]
    assert not result_lines("attrition_28d", 0.875, means(0.90))[1]


def test_every_score_is_found_by_its_file() -> None:
    assert set(specs()) == {"appetence", "attrition_28d", "attrition_56d", "attrition_own_rhythm"}
