"""The French year: seasons of each category, soldes, holidays, days of the week, Paris time."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from demo.world.catalogue import DEPARTMENTS, Catalogue

Floats = NDArray[np.float64]
PARIS = ZoneInfo("Europe/Paris")
WEEKDAYS = (0.85, 0.85, 1.0, 0.9, 1.05, 1.5, 0.85)
SALE_DAYS = 28
SOLDES = {1: 12, 6: 28}  # month: last date on which they may begin
DECEMBER, NOVEMBER = 12, 11


@dataclass(frozen=True)
class Moment:
    """One day as it weighs on everybody.

    demand: factor of the day for all; season: factor per category; department_season: the same
    per department; is_sale: 1 during the soldes, else 0.
    """

    day: int
    demand: float
    season: Floats
    department_season: Floats
    is_sale: float


class Calendar:
    """Days of a world, counted from its first one."""

    def __init__(self, first_day: date, catalogue: Catalogue) -> None:
        self.first_day = first_day
        self._catalogue = catalogue

    def on(self, day: int) -> date:
        """The date of a day."""
        return self.first_day + timedelta(days=day)

    def day(self, when: date) -> int:
        """The number of a date."""
        return (when - self.first_day).days

    def midnight(self, day: int) -> np.datetime64:
        """The UTC moment at which the day begins in Paris."""
        today = self.on(day)
        local = datetime(today.year, today.month, today.day, tzinfo=PARIS)
        return np.datetime64(local.astimezone(UTC).replace(tzinfo=None), "us")

    @lru_cache(maxsize=400)  # noqa: B019 - a calendar lives as long as its world
    def moment(self, day: int) -> Moment:
        """What the day means for everybody's wish to buy."""
        today = self.on(day)
        season = self._season(today)
        departments = [
            float(season[self._catalogue.department_of == number].mean())
            for number in range(len(DEPARTMENTS))
        ]
        is_closed = (today.month, today.day) in {(1, 1), (5, 1), (12, 25)}
        demand = WEEKDAYS[today.weekday()] * (0.25 if is_closed else 1.0) * _rush(today)
        return Moment(day, demand, season, np.array(departments), float(is_sale(today)))

    def _season(self, today: date) -> Floats:
        month = today.month + (today.day - 15) / 30
        apart = np.abs(self._catalogue.peak_month - month)
        apart = np.minimum(apart, 12 - apart)
        swell = np.exp(-(apart**2) / 3.0)
        strength: Floats = self._catalogue.peak_strength
        return np.asarray((1 + strength * swell) / (1 + strength * 0.25), np.float64)


def is_sale(day: date) -> bool:
    """Whether the French soldes are on: four weeks from the second Wednesday of January (the first
    one when the second is after the 12th) and from the last Wednesday of June (the one before when
    the last is after the 28th).
    """  # fmt: skip
    for month in SOLDES:
        start = sale_start(day.year, month)
        if start <= day < start + timedelta(days=SALE_DAYS):
            return True
    return False


def sale_start(year: int, month: int) -> date:
    """First day of the soldes that begin in January (1) or June (6) of a year."""
    latest = date(year, month, SOLDES[month])
    return latest - timedelta(days=(latest.weekday() - 2) % 7)


def _rush(today: date) -> float:
    if today.month == DECEMBER and today.day < 24:  # noqa: PLR2004 - Christmas Eve
        return 1.35
    black_friday = max(
        date(today.year, NOVEMBER, number)
        for number in range(22, 29)
        if date(today.year, NOVEMBER, number).weekday() == 3  # noqa: PLR2004 - Thanksgiving
    ) + timedelta(days=1)
    return 1.6 if 0 <= (today - black_friday).days <= 3 else 1.0  # noqa: PLR2004 - to Monday
