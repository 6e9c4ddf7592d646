"""How much a caller may ask of a make-believe vendor."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Bucket:
    """A budget that fills steadily: capacity at most, per_second each second of the clock."""

    def __init__(self, capacity: float, per_second: float, clock: Callable[[], float]) -> None:
        self.capacity, self.per_second = capacity, per_second
        self._clock, self._level, self._at = clock, capacity, clock()
        self._lock = threading.Lock()
        self.taken = 0.0
        self.refused_count = 0

    @property
    def level(self) -> float:
        """What is left now."""
        with self._lock:
            return self._fill()

    def take(self, cost: float) -> bool:
        """Spend the cost if it is there; a refusal spends nothing and is counted."""
        with self._lock:
            if self._fill() < cost:
                self.refused_count += 1
                return False
            self._level -= cost
            self.taken += cost
            return True

    def give_back(self, cost: float) -> None:
        """Return what was charged too much."""
        with self._lock:
            self._level = min(self.capacity, self._fill() + cost)
            self.taken -= cost

    def _fill(self) -> float:
        now = self._clock()
        self._level = min(self.capacity, self._level + (now - self._at) * self.per_second)
        self._at = now
        return self._level
