"""How people behave: a module with PARAMETERS (names and defaults) and behave(parameters)."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from demo.world.catalogue import Catalogue
from demo.world.columns import Ints
from demo.world.seasons import Moment
from demo.world.tempers import Memory, View

Floats = NDArray[np.float64]


class Behaviour(Protocol):
    """What a behaviour answers about the people of a view, one value per row.

    Answers depend on the arguments only: the same functions live the days and compute the truth.
    """

    def start(self, count: int) -> Memory:
        """What people remember before anything happened."""

    def purchase_rate(self, view: View, moment: Moment) -> Floats:
        """Expected purchases on that day, of people who are there."""

    def taste(self, view: View, moment: Moment, catalogue: Catalogue) -> Floats:
        """People × categories: share of each category in what they would buy."""

    def reading(self, view: View, channel: int) -> Floats:
        """Probability that a message on that channel is read, heard or opened."""

    def effect(self, view: View, channel: int, offer: Ints) -> Floats:
        """Log-change of the purchase rate by a message, if read; it fades as days pass."""

    def contacted(self, view: View, effect: Floats) -> Memory:
        """What is remembered after a contact: effect is 0 for those who did not read."""

    def after_a_day(self, memory: Memory) -> Memory:
        """What is remembered one day later."""

    def leaving(self, view: View) -> Floats:
        """Probability of leaving for good today out of weariness."""

    def unsubscribing(self, view: View) -> Floats:
        """Probability that a message read is answered by unsubscribing."""
