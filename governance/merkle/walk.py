"""One walk along the log: each leaf beside its entry, its line in the log file, its checkpoint."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from governance.merkle.tree import Frontier, leaf_hash

if TYPE_CHECKING:
    from governance.merkle.checkpoint import Checkpoint
    from governance.merkle.keeper import Keeper
    from governance.merkle.snapshot import Leaf, Snapshot


@dataclass(frozen=True, order=True)
class Finding:
    """What is not as it was signed, at the number of an entry."""

    sequence: int
    text: str

    def __str__(self) -> str:
        return f"entry {self.sequence}: {self.text}"


@dataclass(frozen=True)
class Start:
    """What is known of everything before the walk: its hashes, its checkpoint, its file."""

    frontier: Frontier = field(default_factory=Frontier)
    checkpoint: Checkpoint | None = None
    log_bytes: int = 0


class Walk:
    """frontier, log_bytes: where the walk stands, database and log file."""

    def __init__(self, taken: Snapshot, keeper: Keeper, start: Start) -> None:
        self.frontier = Frontier(start.frontier.size, list(start.frontier.nodes))
        self.log_bytes = start.log_bytes
        self._taken, self._key = taken, keeper.public
        self._previous = start.checkpoint
        done = -1 if start.checkpoint is None else start.checkpoint.tree_size
        self._due = [one for one in taken.checkpoints if one.tree_size > done][::-1]
        self._signed_size = taken.checkpoints[-1].tree_size if taken.checkpoints else 0
        self._is_rooted = self._is_filed = True
        self._first_bad: Finding | None = None  # since the last checkpoint
        self._keeper = keeper

    def findings(self) -> Iterator[Finding]:
        """In the order of the log; ends where nothing after it could be compared."""
        with self._keeper.file.opened(self.log_bytes) as file:
            yield from self._checkpoint(file)
            for leaf in self._taken.leaves(self.frontier.size):
                if leaf.sequence != self.frontier.size:
                    yield _gap(leaf.sequence, self.frontier.size)
                    return
                for finding in self._leaf(leaf, file):
                    self._first_bad = self._first_bad or finding
                    yield finding
                yield from self._checkpoint(file)
        yield from self._end()

    def _leaf(self, leaf: Leaf, file: IO[bytes]) -> Iterator[Finding]:
        number = leaf.sequence
        if leaf.said is None and number not in self._taken.erased:
            yield Finding(number, "removed, and no signed erasure lists it")
        elif leaf.said is not None and number in self._taken.erased:
            yield Finding(number, "erased, and there again")
        elif leaf.said not in (None, leaf.commitment):
            yield Finding(number, "edited: entry or salt is not what was committed to")
        try:
            hashed = leaf_hash(leaf.commitment)
        except ValueError:
            hashed = b""
            yield Finding(number, "its commitment was edited")
        self.frontier.push([hashed])
        if number < self._signed_size:
            yield from self._filed(hashed.hex(), number, file)

    def _checkpoint(self, file: IO[bytes]) -> Iterator[Finding]:
        """The checkpoint that is due at this size, if one is."""
        if not self._due or self._due[-1].tree_size != self.frontier.size:
            return
        due, previous = self._due.pop(), self._previous
        first = previous.tree_size if previous else 0
        if due.previous_size != (previous.tree_size if previous else None):
            yield Finding(first, f"the checkpoint before the one at {due.tree_size} is missing")
        if not self._key.signed(due):
            yield Finding(first, f"the checkpoint at {due.tree_size} is not signed by this key")
        elif self._is_rooted and due.root != self.frontier.root().hex():
            self._is_rooted = False
            number = self._first_bad.sequence if self._first_bad else first
            yield Finding(number, f"the root is not the one signed at {due.tree_size}")
        yield from self._filed(due.line(), first, file)
        self._previous, self._first_bad = due, None

    def _filed(self, line: str, number: int, file: IO[bytes]) -> Iterator[Finding]:
        """Whether the log file goes on with this line."""
        if not self._is_filed:
            return
        wanted = f"{line}\n".encode()
        if file.read(len(wanted)) == wanted:
            self.log_bytes += len(wanted)
            return
        self._is_filed = False
        yield Finding(number, "the log file does not say what the database says")

    def _end(self) -> Iterator[Finding]:
        if self._due:
            signed = self._due[0].tree_size
            yield Finding(self.frontier.size, f"the end was removed: {signed} leaves are signed")
        elif self._signed_size < self.frontier.size:
            yield Finding(self._signed_size, "no checkpoint signs it")
        if self._is_filed and self.log_bytes < self._taken.log_end:
            yield Finding(self.frontier.size, "the log file goes on, the database does not")
        if self._taken.seen_size > self.frontier.size:
            seen = self._taken.seen_size
            yield Finding(self.frontier.size, f"the end was removed: {seen} leaves were verified")


def _gap(found: int, expected: int) -> Finding:
    if found < expected:
        return Finding(found, "there twice")
    return Finding(expected, "its leaf was removed")
