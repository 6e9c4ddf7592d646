"""How far clusters agree with the truth, counted over pairs of records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Agreement:
    """Pairs that the clusters join, that are one person, and that are both."""

    found_count: int
    true_count: int
    both_count: int

    @property
    def precision(self) -> float:
        """Share of the joined pairs that are one person."""
        return self.both_count / self.found_count

    @property
    def recall(self) -> float:
        """Share of the pairs of one person that are joined."""
        return self.both_count / self.true_count

    @property
    def f1(self) -> float:
        """Harmonic mean of the two."""
        return 2 * self.both_count / (self.found_count + self.true_count)


def agreement(con: DuckDBPyConnection, placed: str) -> Agreement:
    """Agreement of a query's rows: one per record, with cluster_id and person_id (the truth)."""
    parts = ("cluster_id", "person_id", "cluster_id, person_id")
    pairs = ", ".join(
        f"(select sum(n * (n - 1) // 2) from (select count(*) as n from placed group by {part}))"
        for part in parts
    )
    (counts,) = con.execute(f"with placed as ({placed}) select {pairs}").fetchall()
    return Agreement(*(int(count) for count in counts))
