"""`make bench-ml`: the real retailer's back-tests beside the published anchors and the goals.

Usage: python -m ml.bench --warehouse PATH. The warehouse is opened read-only.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

    from ml.reports import Metrics
    from ml.spec import ModelSpec

SEED = 2017
SCORING_DAY = date(2018, 1, 1)
TOLERANCE = 0.01
MODELS = ("champion", "naive", "lr_rfm")
ECE_MARGIN = 0.015

# Active base, its attrition in 28 days, appetence rows and positives, as published for this data.
ANCHORS = {
    date(2017, 8, 14): (2171, 272, 42468, 5485),
    date(2017, 9, 11): (2182, 279, 42928, 5669),
    date(2017, 10, 9): (2186, 244, 42759, 5667),
    date(2017, 11, 6): (2190, 271, 42580, 5392),
    date(2017, 12, 4): (2214, 294, 43566, 5816),
}
# Those who left are a few hundred: households that shop near midnight change day with the time zone
# (the anchors cut days in UTC), so a count of positives may also differ by this many.
POSITIVES_SLACK = 5
COLUMNS = ("active base", "attrition 28 d", "appetence rows", "appetence positives")


@dataclass(frozen=True)
class Goal:
    """A value to reach, mean over the test cut-offs."""

    score: str
    metric: str
    at_least: float


GOALS = (
    Goal("attrition_28d", "auc", 0.848),
    Goal("attrition_28d", "pr_auc", 0.405),
    Goal("attrition_56d", "auc", 0.855),
    Goal("attrition_own_rhythm", "auc", 0.780),
    Goal("appetence", "auc", 0.760),
    Goal("appetence", "pr_auc", 0.352),
)


def populations(con: duckdb.DuckDBPyConnection) -> dict[date, tuple[int, ...]]:
    """Cut-off → counts in the order of COLUMNS."""
    rows = con.execute(
        """
        select
            as_of_date,
            count(*) filter (where task = 'attrition_28d'),
            count(*) filter (where task = 'attrition_28d' and value = 1),
            count(*) filter (where task = 'appetence'),
            count(*) filter (where task = 'appetence' and value = 1)
        from features.labels
        group by as_of_date
        """
    ).fetchall()
    return {day: tuple(counts) for day, *counts in rows}


def population_lines(found: dict[date, tuple[int, ...]]) -> tuple[list[str], bool]:
    """A table of ours beside the anchors, and whether all agree within 1 %."""
    lines = [f"{'cut-off':<12}" + "".join(f"{name + ' (anchor)':>30}" for name in COLUMNS)]
    is_same = True
    for day, anchors in ANCHORS.items():
        ours = found.get(day, (0, 0, 0, 0))
        cells = [f"{count} ({anchor})" for count, anchor in zip(ours, anchors, strict=True)]
        lines.append(f"{day.isoformat():<12}" + "".join(f"{cell:>30}" for cell in cells))
        for position, (count, anchor) in enumerate(zip(ours, anchors, strict=True)):
            slack = POSITIVES_SLACK if position == 1 else 0
            is_same &= abs(count - anchor) <= max(TOLERANCE * anchor, slack)
    return lines, is_same


def result_lines(score: str, suspicious_auc: float, means: Metrics) -> tuple[list[str], bool]:
    """One line per metric, and whether every goal of the score is reached."""
    goals = {goal.metric: goal.at_least for goal in GOALS if goal.score == score}
    lines, is_reached = [], True
    for metric in ("auc", "pr_auc", "lift_at_10", "brier", "ece", "ece_floor"):
        values = [means[model][metric] for model in MODELS]
        goal, reached = "", ""
        if metric in goals:
            goal = f">= {goals[metric]:.3f}"
            reached = "yes" if values[0] >= goals[metric] else "NO"
        if metric == "ece":
            most = means["champion"]["ece_floor"] + ECE_MARGIN
            goal, reached = f"<= {most:.3f}", "yes" if values[0] <= most else "NO"
        if metric == "auc" and values[0] > suspicious_auc:
            reached = f"LEAK? > {suspicious_auc}"
        is_reached &= reached in ("", "yes")
        cells = "".join(f"{value:>10.4f}" for value in values)
        lines.append(f"{score:<22}{metric:<12}{cells}{goal:>12}  {reached}")
    return lines, is_reached


def run(con: duckdb.DuckDBPyConnection, specs: dict[str, ModelSpec], *, seed: int) -> bool:
    """Print both tables; whether everything was reached."""
    from ml.evaluate import backtest
    from ml.members import threads_of

    lines, is_same = population_lines(populations(con))
    _say(*lines, "Days: ours in the shop's time zone, the anchors' in UTC;")
    _say(f"so {POSITIVES_SLACK} households more or less may have left (anchor counts are small).")
    if not is_same:
        _say("Populations differ by more than 1 %: metrics are not comparable. Stopped.")
        return False
    _say("", f"seed {seed}; means over the test cut-offs; appetence: means over the categories")
    header = "".join(f"{model:>10}" for model in MODELS)
    _say(f"{'score':<22}{'metric':<12}{header}{'goal':>12}  reached")
    is_reached = True
    for spec in specs.values():
        start = time.perf_counter()
        with threads_of(2):
            report = backtest(con, spec, as_of=SCORING_DAY, seed=seed)
        lines, is_good = result_lines(spec.name, spec.suspicious_auc, report.means())
        days = ", ".join(day.isoformat() for day in report.cut_offs)
        _say(*lines, f"{'':<22}({time.perf_counter() - start:.0f} s; {days})")
        is_reached &= is_good
    _say("", "All goals reached." if is_reached else "Some goals were NOT reached.")
    return is_reached


def main() -> int:
    """0 when every goal is reached, 1 otherwise."""
    import duckdb

    from ml.registry import specs

    parser = argparse.ArgumentParser(description="Back-tests beside the published anchors.")
    parser.add_argument("--warehouse", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=SEED)
    chosen = parser.parse_args()
    if not chosen.warehouse.is_file():
        _say(f"{chosen.warehouse}: no warehouse there. Run `make demo` first.")
        return 1
    with duckdb.connect(str(chosen.warehouse), read_only=True) as con:
        return 0 if run(con, specs(), seed=chosen.seed) else 1


def _say(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
