"""The true uplift of a contact: probability of a purchase with it minus without it."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from demo.world.columns import Ints
from demo.world.stage import Stage
from demo.world.tempers import Memory, View

WINDOW = 14  # days, the day of the contact included
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Uplift:
    """Probability of at least one purchase within WINDOW days: what a contact adds, and without."""

    added: Floats
    without: Floats


def true_uplift(stage: Stage, who: Ints, view: View, channel: int, effect: Floats) -> Uplift:
    """The uplift of a contact of today, over reading it or not; no further contact is supposed."""
    reading = stage.behaviour.reading(view, channel)
    read = _buys(stage, who, view, stage.behaviour.contacted(view, effect))
    unread = _buys(stage, who, view, stage.behaviour.contacted(view, np.zeros(len(effect))))
    without = _buys(stage, who, view, view.memory)
    return Uplift(reading * (read - without) + (1 - reading) * (unread - without), without)


def purchase_probability(stage: Stage, who: Ints, days: int) -> Floats:
    """Probability that each buys within so many days from today, if nobody is written to."""
    view = stage.view(who)
    return _buys(stage, who, view, view.memory, days)


def _buys(stage: Stage, who: Ints, view: View, memory: Memory, days: int = WINDOW) -> Floats:
    """As long as nobody bought, the time since the last purchase grows day by day."""
    silence = np.zeros(len(who))
    for ahead in range(days):
        then = replace(view, memory=memory, since_purchase=view.since_purchase + ahead)
        rate = stage.behaviour.purchase_rate(then, stage.calendar.moment(stage.day + ahead))
        silence += np.where(stage.state.leaving[who] > stage.day + ahead, rate, 0.0)
        memory = stage.behaviour.after_a_day(memory)
    return np.asarray(1 - np.exp(-silence), np.float64)
