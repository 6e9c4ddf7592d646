"""What is in people's nature: rhythm, tastes, and how they take to messages. The hidden truth."""

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from demo.world.chance import happens, pick, rng
from demo.world.columns import Ints

Floats = NDArray[np.floating]
Memory = dict[str, NDArray[np.float64]]

CHANNELS = ("post", "email", "sms", "phone")
OFFERS = ("none", "percent", "amount", "shipping")
TYPES = ("persuadable", "sure", "deaf", "put_off")
_TYPE_SHARES = [0.38, 0.32, 0.18, 0.12]
_TYPE_RESPONSE = np.array([1.5, 0.2, 0.0, -0.7])
_RHYTHMS = ((0.08, 7, 14), (0.27, 20, 45), (0.36, 60, 120), (0.29, 180, 380))


@dataclass(frozen=True)
class Tempers:
    """Nature of some people, one row each.

    rate: purchases a day in an ordinary week; departments: shares of taste, summing to 1;
    response: log-change of the rate by an ordinary message, per channel; incentive: factor of an
    offer on it, per offer; openness: share of messages read; web_share: share bought on the web.
    """

    person: Ints
    rate: Floats
    departments: Floats
    price_sensitivity: Floats
    web_share: Floats
    kind: Ints
    response: Floats
    incentive: Floats
    openness: Floats
    irritability: Floats
    hides_opens: NDArray[np.bool_]

    def of(self, who: Ints) -> "Tempers":
        """The nature of these people only."""
        taken = {field.name: getattr(self, field.name)[who] for field in fields(self)}
        return replace(self, **taken)


@dataclass(frozen=True)
class View:
    """Some people at one moment: their nature, what they remember, and for how long nothing was.

    memory: arrays that the behaviour owns. since_purchase, since_contact: days, large when never.
    """

    seed: int
    tempers: Tempers
    memory: Memory
    since_purchase: Floats
    since_contact: Floats


def draw_tempers(seed: int, count: int) -> Tempers:
    """The nature of `count` people."""
    rhythm, rate = _rates(seed, count)
    kind, response = _responses(seed, count)
    chance = rng(seed, "temper")
    return Tempers(
        person=np.arange(count),
        rate=rate,
        departments=_departments(seed, rhythm),
        price_sensitivity=chance.beta(1.6, 2.2, count).astype(np.float32),
        web_share=chance.beta(0.9, 0.9, count).astype(np.float32),
        kind=kind,
        response=response,
        incentive=_incentives(seed, count),
        openness=chance.beta(3, 3.2, count).astype(np.float32),
        irritability=chance.gamma(2, 0.5, count).astype(np.float32),
        hides_opens=happens(chance, 0.33, count),
    )


def _rates(seed: int, count: int) -> tuple[Ints, Floats]:
    chance = rng(seed, "rhythm")
    rhythm = pick(chance, [share for share, _, _ in _RHYTHMS], count)
    low = np.array([low for _, low, _ in _RHYTHMS])[rhythm]
    high = np.array([high for _, _, high in _RHYTHMS])[rhythm]
    return rhythm, (1 / chance.uniform(low, high)).astype(np.float32)


def _departments(seed: int, rhythm: Ints) -> Floats:
    chance = rng(seed, "departments")
    food = np.array([6.0, 2.5, 1.0, 0.5])[rhythm]
    shapes = np.column_stack([np.full(len(rhythm), 0.7), np.full(len(rhythm), 1.1), food])
    parts = chance.standard_gamma(shapes) + 0.02
    return np.asarray(parts / parts.sum(axis=1, keepdims=True), np.float32)


def _responses(seed: int, count: int) -> tuple[Ints, Floats]:
    chance = rng(seed, "response")
    kind = pick(chance, _TYPE_SHARES, count)
    preferred = pick(chance, [0.2, 0.45, 0.25, 0.1], count)
    liking = chance.uniform(0.15, 0.7, (count, len(CHANNELS)))
    liking[np.arange(count), preferred] = chance.uniform(0.9, 1.3, count)
    return kind, (_TYPE_RESPONSE[kind][:, None] * liking).astype(np.float32)


def _incentives(seed: int, count: int) -> Floats:
    chance = rng(seed, "incentive")
    preferred = pick(chance, [0.25, 0.33, 0.2, 0.22], count)
    factor = np.tile(np.array([0.7, 0.95, 0.9, 0.9]), (count, 1))
    factor[np.arange(count), preferred] = np.where(preferred == 0, 1.0, 1.7)
    return factor.astype(np.float32)
