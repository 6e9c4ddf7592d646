"""Advertising: what each campaign of each platform cost and brought, day by day."""

import numpy as np

from demo.world.columns import Cents, Text, Words
from demo.world.stage import Stage

PLATFORMS = Words(["google", "google", "meta", "meta"])
KEYS = Words(["g-1001", "g-1002", "m-2001", "m-2002"])
NAMES = Words(["brand-fr", "shopping-velo", "brand-fr", "shopping-velo"])
DAILY = np.array([900, 4200, 6000, 3500])
RATES = np.array([0.09, 0.021, 0.008, 0.011])
PRICES = np.array([21, 48, 37, 44])  # cents per click


def live(stage: Stage) -> None:
    """The results of today; the night's correction of yesterday is not told."""
    chance = stage.rng("advertising")
    which = np.arange(len(DAILY))
    shown = chance.poisson(DAILY * stage.moment.demand * stage.people.count / 7000)
    clicks = chance.binomial(shown, RATES)
    spend = np.round(clicks * PRICES * chance.uniform(0.9, 1.1, len(which))).astype(np.int64)
    stage.journal.note(
        "ad_results",
        "ads",
        {
            "platform": Text(PLATFORMS, which),
            "campaign_key": Text(KEYS, which),
            "campaign_name": Text(NAMES, which),
            "day_on": stage.dates(np.full(len(which), stage.day)),
            "impression_count": shown,
            "click_count": clicks,
            "spend_amount": Cents(spend),
            "currency": "EUR",
            "system": "ads",
        },
    )
