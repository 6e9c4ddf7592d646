"""What is to happen on a later day: rows of whole numbers, kept by purpose until they are due."""

import numpy as np

from demo.world.columns import Ints


class Agenda:
    """Rows by purpose; the first number of each row is the day on which it is due."""

    def __init__(self) -> None:
        self.rows: dict[str, Ints] = {}

    def plan(self, purpose: str, day: Ints, *columns: Ints) -> None:
        """Plan rows of a purpose; each purpose always has the same columns."""
        new = np.column_stack([day, *columns]).astype(np.int64)
        if len(new):
            kept = self.rows.get(purpose)
            self.rows[purpose] = new if kept is None else np.concatenate([kept, new])

    def due(self, purpose: str, day: int) -> Ints:
        """Columns (without the day) of what is due by that day, which is taken off the agenda."""
        kept = self.rows.get(purpose)
        if kept is None or not len(kept):
            return np.zeros((0, 0), np.int64)
        is_due = kept[:, 0] <= day
        if not is_due.any():
            return np.zeros((0, 0), np.int64)
        self.rows[purpose] = kept[~is_due]
        return np.ascontiguousarray(kept[is_due, 1:].T)
