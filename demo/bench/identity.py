"""`make bench-identity`: who is one person, measured against three truths and beside plain Splink.

1. the make-believe company of HABITUE_HOME: pairs found by rules alone and by rules and links;
2. FEBRL 1 to 3, when `--data` names the folder of their files, as `habitue identity link` does;
3. a million invented records, one in seven twice: what it costs, beside a plain Splink script.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from demo.bench import identity_company, identity_febrl
from demo.bench.persons import make_persons

SEED = 2026
FIRST_GOAL, DAILY_GOAL, F1_MARGIN, MEMORY_GOAL_MB = 1.1, 0.10, 0.005, 8_000
CANDIDATES = ("ours_first", "splink_first", "ours_daily")


def main() -> int:
    """Print all three parts; 0 when every goal that was measured is met."""
    parser = argparse.ArgumentParser(description="measure who is one person")
    parser.add_argument("--data", type=Path, help="folder with FEBRL's dataset1.csv[.gz] …")
    parser.add_argument("--records", type=int, default=1_000_000, help="invented records; 0: none")
    parser.add_argument("--rounds", type=int, default=3, help="alternating rounds")
    given = parser.parse_args()
    met = [identity_company.measure(_say), identity_febrl.measure(given.data, _say)]
    if given.records:
        met.append(_cost(given.records, given.rounds))
    return 0 if all(met) else 1


def _cost(records: int, rounds: int) -> bool:
    _say(f"\n{records:,} invented records, 15 % doubles, seed {SEED}, {rounds} alternating rounds")
    folder = Path(tempfile.mkdtemp(prefix="habitue-bench-"))
    try:
        make_persons(folder, records, SEED)
        runs = [{name: _run(name, folder) for name in CANDIDATES} for _ in range(rounds)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    _say(f"{'':<14}{'CPU s':>8}{'wall s':>8}{'peak MB':>9}{'precision':>11}{'recall':>8}{'F1':>8}")
    middle = {name: _middle([run[name] for run in runs]) for name in CANDIDATES}
    for name, figures in middle.items():
        _say(
            f"{name:<14}{figures['cpu']:>8.1f}{figures['wall']:>8.1f}{figures['peak_mb']:>9,.0f}"
            f"{figures['precision']:>11.4f}{figures['recall']:>8.4f}{figures['f1']:>8.4f}"
        )
    first = median(run["ours_first"]["cpu"] / run["splink_first"]["cpu"] for run in runs)
    daily = median(run["ours_daily"]["cpu"] / run["ours_first"]["cpu"] for run in runs)
    margin = middle["ours_first"]["f1"] - middle["splink_first"]["f1"]
    peak = max(run[name]["peak_mb"] for run in runs for name in ("ours_first", "ours_daily"))
    return all(
        [
            _goal("first run, CPU beside plain Splink", first, f"<= {FIRST_GOAL}", FIRST_GOAL),
            _goal("a day with 1 % new, of the first run", daily, f"<= {DAILY_GOAL}", DAILY_GOAL),
            _goal("F1 less than plain Splink's by", -margin, f"<= {F1_MARGIN}", F1_MARGIN),
            _goal("peak memory, MB", peak, f"< {MEMORY_GOAL_MB:,}", MEMORY_GOAL_MB),
        ]
    )


def _run(name: str, folder: Path) -> dict[str, Any]:
    """The candidate in a process of its own. Raises RuntimeError when it failed."""
    command = [sys.executable, "-m", "demo.bench.identity_candidates", name, str(folder)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)  # noqa: S603 - our own
    if done.returncode:
        raise RuntimeError(f"{name} ended with {done.returncode}")
    figures: dict[str, Any] = json.loads(done.stdout.decode().splitlines()[-1])
    return figures


def _middle(runs: list[dict[str, Any]]) -> dict[str, float]:
    return {name: median(run[name] for run in runs) for name in runs[0]}


def _goal(what: str, value: float, goal: str, limit: float) -> bool:
    is_met = value <= limit
    _say(f"{what:<40}{value:>10.3f}   goal {goal:<9} {'met' if is_met else 'MISSED'}")
    return is_met


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
