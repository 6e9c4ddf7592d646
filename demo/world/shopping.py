"""Who buys today, where, and as whom."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demo.world import sales
from demo.world.baskets import FOOD, Lines, fill
from demo.world.campaigns import Plan
from demo.world.chance import happens
from demo.world.columns import Ints
from demo.world.lexicon import COUNTRIES, stores, towns
from demo.world.orders import Sale
from demo.world.people import countries_of
from demo.world.records import PRESTASHOP, SHOP, SHOPIFY, SYSTEMS, TILLS
from demo.world.stage import Stage

Bools = NDArray[np.bool_]
SWITZERLAND = COUNTRIES.index("CH")


@dataclass(frozen=True)
class Trips:
    """Today's buyers with the system where they buy and the store they go to."""

    person: Ints
    system: Ints
    store: Ints


def live(stage: Stage, plan: Plan, clicks: tuple[Ints, Ints]) -> None:
    """A day of purchases. clicks: people and messages whose link they followed today."""
    buyers = _buyers(stage)
    if not len(buyers):
        return
    trips = _trips(stage, buyers, np.isin(buyers, clicks[0]))
    is_swiss = (countries_of(stage.people.town[buyers]) == SWITZERLAND) & (
        trips.system == PRESTASHOP
    )
    lines = fill(stage, buyers, is_swiss, plan)
    coupon = np.where(stage.state.coupon_until[buyers] >= stage.day, stage.state.coupon[buyers], -1)
    for system in (SHOP, SHOPIFY, PRESTASHOP, TILLS):
        _sell(stage, system, trips, (lines, coupon, clicks))
    stage.state.last_purchase[buyers] = stage.day
    stage.state.coupon_until[buyers] = -1


def _buyers(stage: Stage) -> Ints:
    rate = stage.behaviour.purchase_rate(stage.view(), stage.moment)
    chance = stage.rng("purchase")
    buys = chance.random(stage.people.count) < 1 - np.exp(-rate)
    buys |= (stage.people.arrival == stage.day) & happens(chance, 0.7, stage.people.count)
    return np.flatnonzero(buys & stage.present())


def _trips(stage: Stage, buyers: Ints, has_clicked: Bools) -> Trips:
    """Those who clicked buy on the web; foreigners always do."""
    chance = stage.rng("trips")
    home = np.array([town.store for town in towns()])[stage.people.town[buyers]]
    web = has_clicked | (home < 0)
    web |= chance.random(len(buyers)) < stage.tempers.web_share[buyers]
    away = happens(chance, 0.1, len(buyers))
    store = np.where(away, chance.integers(0, len(stores()), len(buyers)), home)
    likes_food = stage.tempers.departments[buyers, FOOD] * 1.3 > chance.random(len(buyers))
    organic = likes_food & (stage.records.at(SHOPIFY, buyers, stage.day) >= 0)
    foreign = (home < 0) & ~happens(chance, 0.12, len(buyers))
    system = np.select([~web, foreign, organic], [TILLS, PRESTASHOP, SHOPIFY], SHOP)
    return Trips(buyers, system, np.where(web, -1, store))


def _sell(
    stage: Stage, system: int, trips: Trips, bought: tuple[Lines, Ints, tuple[Ints, Ints]]
) -> None:
    """Sell what is bought at one system."""
    lines, coupon, clicks = bought
    mine = trips.system == system
    count = int(mine.sum())
    if not count:
        return
    place = np.cumsum(mine) - 1
    chosen = lines.only(mine[lines.basket])
    chosen.basket[:] = place[chosen.basket]
    person = trips.person[mine]
    sale = Sale(
        system=system,
        person=person,
        record=_record(stage, system, person),
        store=trips.store[mine],
        number=stage.number(f"order/{SYSTEMS[system]}", count),
        seconds=_seconds(stage, system, count),
        day=np.full(count, stage.day),
        coupon=coupon[mine],
        message=_message(person, clicks),
    )
    sales.note(stage, sale, chosen)


def _record(stage: Stage, system: int, person: Ints) -> Ints:
    """The record under which each buys: some use their second one, some none (guests, no card)."""
    chance = stage.rng("as whom", SYSTEMS[system])
    first = stage.records.at(system, person, stage.day)
    second = stage.records.second_of[system][person]
    uses_second = (second >= 0) & (stage.records.day[second] <= stage.day)
    uses_second &= happens(chance, 0.4, len(person))
    forgets = happens(chance, 0.14 if system == TILLS else 0.04, len(person))
    return np.where(forgets, -1, np.where(uses_second, second, first))


def _seconds(stage: Stage, system: int, count: int) -> Ints:
    if system == TILLS:
        is_sunday = stage.calendar.on(stage.day).weekday() == 6  # noqa: PLR2004
        return stage.during("till", count, (10, 13) if is_sunday else (10, 20))
    chance = stage.rng("web hours", SYSTEMS[system])
    return np.clip(chance.normal(64_000, 16_000, count), 1200, 86_000).astype(np.int64)


def _message(person: Ints, clicks: tuple[Ints, Ints]) -> Ints:
    """The message that each followed today, -1 for none."""
    if not len(clicks[0]):
        return np.full(len(person), -1)
    order = np.argsort(clicks[0], kind="stable")
    place = np.minimum(np.searchsorted(clicks[0][order], person), len(order) - 1)
    found = clicks[0][order][place] == person
    return np.where(found, clicks[1][order][place], -1)
