"""One writer: the lock waits, says for whom, and dies with its process."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

from orchestration.run_lock import Holder, RunLock

HOLD = """
import sys
from pathlib import Path
from orchestration.run_lock import RunLock
with RunLock(Path(sys.argv[1])).hold("other", on_wait=lambda _: None):
    print("held", flush=True)
    sys.stdin.read()
"""


def other_process(home: Path) -> subprocess.Popen[str]:
    held = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert held.stdout is not None
    assert held.stdout.readline().strip() == "held"
    return held


def test_a_second_run_waits_and_says_for_whom(tmp_path: Path) -> None:
    held = other_process(tmp_path)
    told: list[Holder | None] = []
    is_told = threading.Event()

    def tell(holder: Holder | None) -> None:
        told.append(holder)
        is_told.set()

    def second() -> None:
        with RunLock(tmp_path).hold("mine", on_wait=tell):
            told.append(RunLock(tmp_path).holder())

    waiting = threading.Thread(target=second)
    waiting.start()
    assert is_told.wait(20)
    assert RunLock(tmp_path).is_alive("mine")
    held.communicate("")
    waiting.join(20)
    assert told[0] is not None
    assert (told[0].run_id, told[0].pid) == ("other", held.pid)
    assert told[1] is not None
    assert (told[1].run_id, told[1].pid) == ("mine", os.getpid())


def test_a_killed_holder_leaves_a_free_lock_and_a_run_that_is_known_to_be_dead(
    tmp_path: Path,
) -> None:
    held = other_process(tmp_path)
    lock = RunLock(tmp_path)
    assert lock.is_alive("other")
    held.kill()
    held.wait()
    assert lock.holder() is None
    assert lock.knows("other")
    assert not lock.is_alive("other")
    assert lock.forget_dead_runs() == 1


def test_the_same_process_may_take_it_again(tmp_path: Path) -> None:
    lock = RunLock(tmp_path)
    with lock.hold("command", on_wait=lambda _: None):
        with lock.hold("run", on_wait=lambda _: None):
            assert lock.holder() is not None
        assert lock.holder() is not None
    assert lock.holder() is None
    assert not lock.is_alive("command")
