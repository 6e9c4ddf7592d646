"""The make-believe company lives: its people, its history in every system, and one day more.

Each step is a no-op once done, and may be killed at any moment: what it draws is decided by the
seed, and a system that is told a period twice keeps it once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from demo.company import received
from demo.company.recorders import Recorders
from demo.company.size import LAST_DAY, Size

if TYPE_CHECKING:
    from demo.world.world import World

Tell = Callable[[str], None]


class Life:
    """One company in one home."""

    def __init__(self, home: Path, size: Size) -> None:
        self.home, self.size = home, size
        self.folder = home / "demo" / "world"

    @property
    def is_lived(self) -> bool:
        """Whether the history is drawn and stands in every system."""
        return (self.folder / "lived").exists()

    def draw(self) -> World | None:
        """The people on the eve of their first day; None once they lived. Raises ConfigError."""
        from demo.world.regime import load_regime
        from demo.world.world import World

        if self.is_lived:
            return None
        size = self.size
        regime = load_regime(size.regime or None)
        return World.create(size.people, size.seed, regime, size.first_day, LAST_DAY)

    def live(self, world: World, tell: Tell) -> int:
        """Their history, month by month, into every system; how many facts."""
        recorders, facts = Recorders(self.home, self.size.seed), 0
        try:
            for period, found in world.months():
                facts += recorders.record(found, period, tell)
                world.write_truth(period, found, self.home / "demo" / "truth")
        finally:
            recorders.close()
        world.save(self.folder)
        (self.folder / "lived").touch()
        return facts

    def live_day(self, tell: Tell) -> tuple[date, int]:
        """One day more, with the reactions to what Habitué sent; the day, and its facts."""
        world = self._world()
        messages = received.take(self.home, world.today + timedelta(days=1))
        period, found = world.step(messages)
        recorders = Recorders(self.home, self.size.seed)
        try:
            facts = recorders.record(found, period, tell)
            world.write_truth(period, found, self.home / "demo" / "truth")
        finally:
            recorders.close()
        world.save(self.folder)
        return period.last_day, facts

    @property
    def morning(self) -> date:
        """The day on which the company looks back: the one after the last that it lived."""
        today: date = self._world().today
        return today + timedelta(days=1)

    def _world(self) -> World:
        from demo.world.world import World

        return World.load(self.folder)
