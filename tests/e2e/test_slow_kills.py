"""The demo, killed with SIGKILL at random moments, ends as if it had never been disturbed.

Full size takes about half an hour. To try it on a small cut: KILLS=3 KILLS_HOUSEHOLDS=200
KILLS_MONTHS=6. KILLS_SEED repeats a failure.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.fixtures.command import ROOT, environment, habitue
from tests.fixtures.contents import effects, exported, tables

KILLS = int(os.environ.get("KILLS", "10"))
CUT = [
    word
    for option in ("households", "months")
    if (value := os.environ.get(f"KILLS_{option.upper()}"))
    for word in (f"--{option}", value)
]


def is_killed_after(home: Path, seconds: float) -> bool:
    """Start the demo and kill its whole process group; False when it had ended before."""
    process = subprocess.Popen(
        [sys.executable, "-m", "orchestration.cli.main", "demo", "real", *CUT],
        cwd=ROOT,
        env=environment(home),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return process.wait() == -signal.SIGKILL
    assert process.returncode == 0, "the demo failed by itself between two kills"
    return False


def timed(home: Path) -> float:
    """Wall seconds of a demo that nobody disturbs."""
    started = time.perf_counter()
    done = habitue(home, "demo", "real", *CUT)
    assert done.code == 0, done.output[-4000:]
    return time.perf_counter() - started


@pytest.mark.slow
def test_a_demo_killed_at_random_moments_ends_like_an_undisturbed_one(tmp_path: Path) -> None:
    seed = int(os.environ.get("KILLS_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
    draw = random.Random(seed)  # noqa: S311 - a moment, not a secret
    calm, home = tmp_path / "calm" / "var", tmp_path / "killed" / "var"
    whole = timed(calm)
    start_up = timed(calm)  # with nothing new: what every run spends before it reaches new work
    moments = sorted(draw.uniform(0, whole) for _ in range(KILLS))
    said = f"KILLS_SEED={seed}: {whole:.0f} s, {start_up:.0f} s with nothing new; at {moments}\n"
    sys.stdout.write(said)
    reached, killed = 0.0, 0
    for moment in moments:
        delay = draw.uniform(0.2, 1) * start_up + moment - reached
        reached = moment
        if is_killed_after(home, delay):
            killed += 1
            continue
        # It had finished all the same: from here on a run takes as long as one with nothing new.
        assert is_killed_after(home, draw.uniform(0.1, 0.7) * start_up), f"KILLS_SEED={seed}"
        killed += 1
    assert killed == KILLS
    timed(home)
    assert tables(home) == tables(calm), f"KILLS_SEED={seed}"
    assert exported(home) == exported(calm), f"KILLS_SEED={seed}"
    assert effects(home) == effects(calm), f"KILLS_SEED={seed}"
    keys = [key for key, *_ in effects(home)]
    assert keys, "the tool was sent nothing"
    assert len(set(keys)) == len(keys)
