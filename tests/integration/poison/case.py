"""One poisoned delivery: what is in it, and what must become of every row of it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

SEED = 20260630


@dataclass(frozen=True)
class Case:
    """name is also the name of the file; content its bytes.

    loaded, quarantined and duplicate count rows. refused: a word of the sentence with which its
    table stops, because a column it needs is not there. set_aside: a word of the reason with which
    the whole file goes to the quarantine while its neighbours load.
    """

    name: str
    content: bytes
    loaded: int = 0
    quarantined: int = 0
    duplicate: int = 0
    refused: str = ""
    set_aside: str = ""

    @property
    def outcome(self) -> str:
        """The worst that becomes of it, as the table at the end of a run names it."""
        if self.refused:
            return "refused"
        if self.set_aside:
            return "files set aside"
        return "rows set aside" if self.quarantined else "loaded"


@dataclass
class Corpus:
    """Collects the cases of one source kind; every key it hands out is used once."""

    suffix: str
    rng: random.Random = field(default_factory=lambda: random.Random(SEED))  # noqa: S311
    cases: list[Case] = field(default_factory=list)
    next_key: int = 1

    def key(self) -> str:
        """A key that no other row of the corpus has."""
        self.next_key += 1
        return f"K{self.next_key:06d}"

    def add(self, name: str, content: bytes, **counts: int | str) -> None:
        """One more case; counts as in Case."""
        self.cases.append(Case(f"{name}.{self.suffix}", content, **counts))  # type: ignore[arg-type]

    def shuffled(self, rows: list[str]) -> list[str]:
        """The rows in a seeded order, so that a poisoned one stands anywhere."""
        return self.rng.sample(rows, len(rows))


Maker = Callable[[Corpus], None]
