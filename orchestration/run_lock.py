"""One writer: the lock that a run holds from its first step to its last.

Two files, both locked with flock, so that the kernel lets go when a process dies, however it dies:
`run.lock` is held by the run that writes; `locks/<run id>` by every live run, the waiting ones
included. A run whose own lock nobody holds is an orphan.
"""

import fcntl
import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO


@dataclass(frozen=True)
class Holder:
    """Who holds the lock: a run, its process, since when (UTC)."""

    run_id: str
    pid: int
    started_at: str

    def __str__(self) -> str:
        return f"run {self.run_id} (process {self.pid}, since {self.started_at})"


_held: dict[Path, tuple[Holder, int]] = {}
_guard = threading.Lock()


class RunLock:
    """The lock of one home."""

    def __init__(self, home: Path) -> None:
        self.path = home / "run.lock"
        self._runs = home / "locks"

    @contextmanager
    def hold(self, run_id: str, *, on_wait: Callable[[Holder | None], None]) -> Iterator[None]:
        """Hold the lock while the block runs; when another run has it, say so and wait.

        Re-entrant within a process: the command line takes it before it creates a run, the run
        takes it again. on_wait receives the present holder, once.
        """
        if self._enter_again(run_id):
            try:
                yield
            finally:
                self._leave()
            return
        with self._alive(run_id), self._open(self.path) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                on_wait(self.holder())
                fcntl.flock(file, fcntl.LOCK_EX)
            self._write(file, run_id)
            try:
                yield
            finally:
                self._leave()
                file.truncate(0)

    def holder(self) -> Holder | None:
        """Who holds the lock now, or None. Never blocks."""
        if not self.path.exists():
            return None
        with self._open(self.path) as file:
            if _is_free(file):
                return None
            file.seek(0)
            try:
                return Holder(**json.loads(file.read()))
            except (ValueError, TypeError):
                return Holder("unknown", 0, "just now")

    def is_alive(self, run_id: str) -> bool:
        """Whether a process holds or waits for the lock in this run's name."""
        path = self._runs / run_id
        if not path.exists():
            return False
        with self._open(path) as file:
            return not _is_free(file)

    def knows(self, run_id: str) -> bool:
        """Whether the run ever came as far as taking its own lock."""
        return (self._runs / run_id).exists()

    def forget_dead_runs(self) -> int:
        """Remove the lock files that nobody holds; the number removed."""
        dead = [path for path in self._runs.glob("*") if not self.is_alive(path.name)]
        for path in dead:
            path.unlink(missing_ok=True)
        return len(dead)

    def _enter_again(self, run_id: str) -> bool:
        with _guard:
            if self.path not in _held:
                return False
            holder, depth = _held[self.path]
            _held[self.path] = (holder, depth + 1)
            return True

    def _leave(self) -> None:
        with _guard:
            holder, depth = _held[self.path]
            if depth == 1:
                del _held[self.path]
            else:
                _held[self.path] = (holder, depth - 1)

    def _write(self, file: IO[str], run_id: str) -> None:
        holder = Holder(run_id, os.getpid(), datetime.now(UTC).isoformat(timespec="seconds"))
        with _guard:
            _held[self.path] = (holder, 1)
        file.seek(0)
        file.truncate(0)
        file.write(json.dumps(asdict(holder)))
        file.flush()

    @contextmanager
    def _alive(self, run_id: str) -> Iterator[None]:
        path = self._runs / run_id
        with self._open(path) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                path.unlink(missing_ok=True)

    @staticmethod
    def _open(path: Path) -> IO[str]:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("a+", encoding="utf-8")


def _is_free(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    fcntl.flock(file, fcntl.LOCK_UN)
    return True
