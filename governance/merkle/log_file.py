"""The log beside the database: every leaf hash and every checkpoint, one a line, in order.

It says in a file what the database says in tables: who changes one of the two is found.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO

from governance.merkle.checkpoint import Checkpoint

_WINDOW = 4096  # bytes of the tail that are read first; a checkpoint's line has about 330
_BUFFER = 1 << 20


@dataclass(frozen=True)
class Tail:
    """The last whole checkpoint of the file and where its line ends, in bytes from the start."""

    checkpoint: Checkpoint | None
    end: int


@dataclass(frozen=True)
class LogFile:
    """Append-only text, made at the first checkpoint."""

    path: Path

    def tail(self) -> Tail:
        """Where the file is complete up to; what follows is what a killed append left."""
        if not self.path.exists():
            return Tail(None, 0)
        size, window = self.path.stat().st_size, _WINDOW
        with self.path.open("rb") as file:
            while True:
                start = max(0, size - window)
                file.seek(start)
                found = _last_checkpoint(file.read(size - start), start)
                if found is not None or start == 0:
                    return found or Tail(None, 0)
                window *= 8

    def extend(self, tail: Tail, lines: Iterable[str]) -> Tail:
        """Write lines after `tail`, cutting off what a killed append left; durable on return.

        The last line must be a checkpoint's.
        """
        listed = list(lines)
        text = "".join(f"{line}\n" for line in listed).encode()
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(handle, "r+b") as file:
            if os.fstat(file.fileno()).st_size != tail.end:
                file.truncate(tail.end)
            file.seek(tail.end)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        return Tail(Checkpoint.read(listed[-1]), tail.end + len(text))

    def length(self) -> int:
        """Bytes, 0 when there is no file."""
        return self.path.stat().st_size if self.path.exists() else 0

    @contextmanager
    def opened(self, start: int) -> Iterator[IO[bytes]]:
        """To be read from a place in bytes; empty when there is no file."""
        if not self.path.exists():
            yield BytesIO()
            return
        with self.path.open("rb", buffering=_BUFFER) as file:
            file.seek(start)
            yield file


def _last_checkpoint(block: bytes, start: int) -> Tail | None:
    """The last whole checkpoint line that begins in this block of the file."""
    end = block.rfind(b"\n")
    while end >= 0:
        begin = block.rfind(b"\n", 0, end) + 1
        if block[begin : begin + 1] == b"{" and (begin > 0 or start == 0):
            try:
                read = Checkpoint.read(block[begin:end].decode())
            except (ValueError, TypeError):
                return Tail(None, start + end + 1)
            return Tail(read, start + end + 1)
        end = begin - 1
    return None
