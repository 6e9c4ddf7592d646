"""Named places where a test may kill the process, to prove that nothing is lost or doubled.

Harmless unless armed: `reach` costs one dictionary look-up.
"""

from __future__ import annotations

import os

CRASH_POINTS = (
    "extract.page_landed",
    "extract.before_manifest",
    "ingest.extracted",
    "ingest.loaded",
    "identity.clustered",
    "ledger.committed",
    "ledger.appended",
    "scenarios.expired",
    "score.written",
    "segments.written",
    "publish.before_rename",
    "publish.after_rename",
    "send.before_ack",
    "send.after_ack",
    "export.before_rename",
    "scrub.file_replaced",
    "erasure.begun",
    "erasure.step_done",
    "erasure.closed",
    "site.before_rename",
)
KILLED = 137  # what a shell reports for SIGKILL

_reaches_left: dict[str, int] = {}


def arm(name: str, n: int = 1) -> None:
    """Kill this process at the n-th reach of `name` (n ≥ 1).

    Raises ValueError for an unknown name or an n below 1.
    """
    if name not in CRASH_POINTS:
        raise ValueError(f"No crash point '{name}'. Known: {', '.join(CRASH_POINTS)}.")
    if n < 1:
        raise ValueError(f"Crash point '{name}': n must be 1 or more, found {n}.")
    _reaches_left[name] = n


def reach(name: str) -> None:
    """Say that the program is at `name`; ends the process at once when it was armed for here.

    Raises ValueError for an unknown name.
    """
    if name not in CRASH_POINTS:
        raise ValueError(f"No crash point '{name}'. Known: {', '.join(CRASH_POINTS)}.")
    if name not in _reaches_left:
        return
    _reaches_left[name] -= 1
    if _reaches_left[name] == 0:
        os._exit(KILLED)
