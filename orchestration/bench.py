"""`make bench`: wall, CPU, rows per second and peak memory per step of three runs.

A first run up to November, a second one with nothing new, one with a day more (its tickets, and a
day that moved on), one with the rest of December. Each in its own process, all on one home of their
own, removed at the end.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestration.progress import ConsoleProgress, Step

REPORT = "HABITUE_BENCH_REPORT"
# Title, words after `habitue demo real`, the day it is.
ROUNDS: tuple[tuple[str, list[str], str], ...] = (
    ("first run, January to November", ["--until", "2017-11"], "2017-12-01"),
    ("second run, nothing new", ["--until", "2017-11"], "2017-12-01"),
    ("one day more", ["--until", "2017-11", "--day", "2017-12-01"], "2017-12-02"),
    ("the whole of December", [], "2018-01-01"),
)


class MeasuredProgress(ConsoleProgress):
    """Writes one line per step: wall and CPU seconds, rows, peak memory so far."""

    def __init__(self, report: Path) -> None:
        super().__init__()
        self._report = report

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """A step, with the CPU of this process and its children."""
        started = _cpu()
        with super().step(name) as step:
            yield step
        line = {
            "step": name,
            "wall": step.seconds,
            "cpu": _cpu() - started,
            "rows": step.rows or 0,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
        with self._report.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def _cpu() -> float:
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(use.ru_utime + use.ru_stime for use in spent)


def main() -> int:
    """Print a table per run; 1 when a run failed."""
    parser = argparse.ArgumentParser(description="measure three runs of the demo")
    parser.add_argument("--households", type=int, help="a smaller company")
    households = parser.parse_args().households
    cut = ["--households", str(households)] if households else []
    with tempfile.TemporaryDirectory(prefix="habitue-bench-") as folder:
        for number, (title, words, day) in enumerate(ROUNDS):
            report = Path(folder) / f"{number}.jsonl"
            os.environ["HABITUE_AS_OF"] = day
            if not _round(Path(folder) / "var", report, [*cut, *words], title):
                return 1
    return 0


def _round(home: Path, report: Path, words: list[str], title: str) -> bool:
    started, spent = time.perf_counter(), _cpu()
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "orchestration.cli.main", "demo", "real", *words],
        env={**os.environ, "HABITUE_HOME": str(home), REPORT: str(report)},
        stdout=subprocess.DEVNULL,
        check=False,
    )
    wall, cpu = time.perf_counter() - started, _cpu() - spent
    _write(f"\n{title}: {wall:.1f} s wall, {cpu:.1f} s CPU, exit code {done.returncode}\n")
    _write(f"{'step':<60}{'wall s':>8}{'CPU s':>8}{'rows':>12}{'rows/s':>12}{'peak MB':>9}\n")
    for text in report.read_text().splitlines() if report.exists() else []:
        line = json.loads(text)
        rate = line["rows"] / line["wall"] if line["wall"] > 0 else 0
        _write(
            f"{line['step'][:59]:<60}{line['wall']:>8.1f}{line['cpu']:>8.1f}{line['rows']:>12,}"
            f"{rate:>12,.0f}{line['peak_mb']:>9,.0f}\n"
        )
    return done.returncode == 0


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
