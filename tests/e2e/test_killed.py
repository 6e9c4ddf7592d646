"""Killed at every named point, and run again: nothing is lost, nothing is doubled."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from contract.crash_points import CRASH_POINTS, KILLED
from tests.fixtures.command import CUT, habitue, run_demo
from tests.fixtures.contents import effects, exported, tables

EXTRACTION = ("extract.page_landed", "extract.before_manifest")
# Nobody of this company asks to be forgotten (tests/unit/governance/test_erasure_saga.py,
# tests/integration/ingestion/test_scrub.py).
ERASURE = ("scrub.file_replaced", "erasure.begun", "erasure.step_done", "erasure.closed")
# In the order of the run, so that each new run comes as far as the next point.
ORDER = (
    "ingest.extracted",
    "ingest.loaded",
    "identity.clustered",
    "ledger.committed",
    "ledger.appended",
    "score.written",
    "scenarios.expired",
    "segments.written",
    "publish.before_rename",
    "publish.after_rename",
    "send.before_ack",
    "send.after_ack",
    "export.before_rename",
    "site.before_rename",
)


def test_a_run_killed_at_each_point_in_turn_ends_as_if_it_had_never_been(
    before_december: Path, small_company: Path, copy_of: Callable[[Path], Path]
) -> None:
    # The real retailer drops files: nothing of it is extracted (tests/e2e/test_killed_reading.py).
    assert set(ORDER) | set(EXTRACTION) | set(ERASURE) == set(CRASH_POINTS)
    home = copy_of(before_december)
    for point in ORDER:
        killed = habitue(home, "demo", "real", *CUT, more={"HABITUE_CRASH_AT": f"{point}:1"})
        assert killed.code == KILLED, f"{point} was not reached: {killed.output[-3000:]}"
    run_demo(home)
    assert tables(home) == tables(small_company)
    assert exported(home) == exported(small_company)
    assert effects(home) == effects(small_company)
    assert len({key for key, *_ in effects(home)}) == len(effects(home))
