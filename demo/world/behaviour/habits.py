"""The default behaviour: people of habit, whom messages move a little, and tire."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from demo.world.catalogue import Catalogue
from demo.world.chance import draw
from demo.world.columns import Ints
from demo.world.seasons import Moment
from demo.world.tempers import CHANNELS, Memory, View

Floats = NDArray[np.float64]

PARAMETERS: Mapping[str, float] = {
    "activity": 0.9,  # factor on everybody's rate
    "regularity": 0.7,  # share of the wish to buy that a purchase stills
    "sale_pull": 0.9,  # how much the soldes raise the rate of the price-sensitive
    "effect_scale": 1.0,  # 0: messages move nobody; -1: they do the opposite
    "effect_fading_days": 6.0,  # time in which the effect of a message falls to a third
    "fatigue_per_message": 0.16,
    "fatigue_fading_days": 21.0,
    "fatigue_delay_days": 0.0,  # how long a contact takes to weigh
    "fatigue_on_effect": 0.35,  # what one unit of fatigue takes from the effect of a message
    "fatigue_on_purchases": 0.0,  # … and from the log of the rate itself
    "fatigue_on_leaving": 0.0004,  # chance per day of leaving, above one unit of fatigue
    "fatigue_on_unsubscribing": 0.012,
    "unsubscribing": 0.003,
    "taste_spread": 0.9,
    "taste_drift": 0.0,  # how far tastes wander from where they began
    "taste_drift_days": 365.0,  # in which time they come back
}
_READING = dict(zip(CHANNELS, (0.6, 1.0, 0.9, 0.45), strict=True))


def behave(parameters: Mapping[str, float]) -> "Habits":
    """The behaviour with these parameters, all of them given."""
    return Habits(parameters)


class Habits:
    """People of habit. Memory: boost (log of the rate), fatigue, and the fatigue still to come."""

    def __init__(self, parameters: Mapping[str, float]) -> None:
        self.parameters = parameters

    def start(self, count: int) -> Memory:
        """Nobody was contacted yet."""
        return {name: np.zeros(count) for name in ("boost", "fatigue", "coming")}

    def purchase_rate(self, view: View, moment: Moment) -> Floats:
        """Rhythm × season × soldes, stilled after a purchase, moved by what is remembered."""
        given, tempers, memory = self.parameters, view.tempers, view.memory
        season = tempers.departments @ moment.department_season
        stilled = 1 - given["regularity"] * np.exp(-1.5 * view.since_purchase * tempers.rate)
        sale = 1 + given["sale_pull"] * tempers.price_sensitivity * moment.is_sale
        moved = np.exp(memory["boost"] - given["fatigue_on_purchases"] * memory["fatigue"])
        rate = given["activity"] * moment.demand * tempers.rate * season * stilled * sale * moved
        return np.asarray(rate, np.float64)

    def taste(self, view: View, moment: Moment, catalogue: Catalogue) -> Floats:
        """Likings of one's own per category, times department, frequency and season."""
        given = self.parameters
        person = view.tempers.person
        cells = person[:, None] * 64 + np.arange(len(catalogue.categories))
        liking = given["taste_spread"] * np.sqrt(12) * (draw(view.seed, "liking", cells) - 0.5)
        turn = draw(view.seed, "drift", cells) + moment.day / given["taste_drift_days"]
        liking = liking + given["taste_drift"] * np.sin(2 * np.pi * turn)
        usual = catalogue.weight * moment.season
        shares = np.exp(liking) * usual * view.tempers.departments[:, catalogue.department_of]
        return np.asarray(shares / shares.sum(axis=1, keepdims=True), np.float64)

    def reading(self, view: View, channel: int) -> Floats:
        """Openness for e-mail, habit for the rest; the weary read less."""
        name = CHANNELS[channel]
        share = view.tempers.openness if name == "email" else 1.0
        weary = 1 / (1 + 0.5 * view.memory["fatigue"])
        return np.asarray(_READING[name] * share * weary, np.float64)

    def effect(self, view: View, channel: int, offer: Ints) -> Floats:
        """Response to the channel × liking of the offer × being due × time since the last contact,
        less what fatigue takes, which can turn it against us.
        """  # fmt: skip
        given, tempers = self.parameters, view.tempers
        rows = np.arange(len(offer))
        due = 0.6 + 0.4 * np.minimum(view.since_purchase * tempers.rate, 1.5)
        fresh = 1 - 0.4 * np.exp(-view.since_contact / 5)
        liked = tempers.response[:, channel] * tempers.incentive[rows, offer] * due * fresh
        tired = given["fatigue_on_effect"] * tempers.irritability * view.memory["fatigue"]
        return np.asarray(given["effect_scale"] * (liked - np.abs(liked) * tired), np.float64)

    def contacted(self, view: View, effect: Floats) -> Memory:
        """The effect adds up, and so does the fatigue, at once or later."""
        memory, more = view.memory, self.parameters["fatigue_per_message"]
        is_late = self.parameters["fatigue_delay_days"] > 0
        return {
            "boost": np.clip(memory["boost"] + effect, -2.0, 2.0),
            "fatigue": memory["fatigue"] + (0.0 if is_late else more),
            "coming": memory["coming"] + (more if is_late else 0.0),
        }

    def after_a_day(self, memory: Memory) -> Memory:
        """Effects and fatigue fade; the fatigue to come arrives bit by bit."""
        given = self.parameters
        arriving = memory["coming"] / max(given["fatigue_delay_days"], 1.0)
        faded = memory["fatigue"] * np.exp(-1 / given["fatigue_fading_days"])
        return {
            "boost": memory["boost"] * np.exp(-1 / given["effect_fading_days"]),
            "fatigue": faded + arriving,
            "coming": memory["coming"] - arriving,
        }

    def leaving(self, view: View) -> Floats:
        """Only the weary leave before their time."""
        above = np.maximum(view.memory["fatigue"] - 1, 0) * view.tempers.irritability
        return np.asarray(self.parameters["fatigue_on_leaving"] * above, np.float64)

    def unsubscribing(self, view: View) -> Floats:
        """Some do it for no reason, more when weary."""
        given = self.parameters
        weary = given["fatigue_on_unsubscribing"] * view.memory["fatigue"]
        return np.asarray(given["unsubscribing"] + weary * view.tempers.irritability, np.float64)
