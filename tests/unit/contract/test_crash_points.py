import subprocess
import sys
from pathlib import Path

import pytest

from contract import crash_points

ROOT = Path(__file__).parents[3]


def test_an_unarmed_point_does_nothing() -> None:
    crash_points.reach("send.before_ack")


def test_an_unknown_point_is_refused_even_unarmed() -> None:
    with pytest.raises(ValueError, match=r"No crash point .send.befor_ack."):
        crash_points.reach("send.befor_ack")


def test_the_process_dies_at_the_nth_reach_and_not_before() -> None:
    program = (
        "from contract import crash_points as c; c.arm('ingest.loaded', 2);"
        "c.reach('ingest.loaded'); print('once', flush=True);"
        "c.reach('ingest.loaded'); print('twice', flush=True)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (137, "once\n")
