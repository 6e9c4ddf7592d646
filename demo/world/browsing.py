"""Who looks without buying: browsing, carts left, strangers, readers of messages, kiosks, bots."""

import numpy as np

from demo.world import carts
from demo.world.baskets import choose
from demo.world.chance import draw, happens
from demo.world.columns import Ints
from demo.world.lexicon import towns
from demo.world.orders import SITE_OF
from demo.world.records import PRESTASHOP, SHOP, SHOPIFY
from demo.world.stage import Stage, Visits

BROWSE, ORDER, CART, CONFIGURE, BOT, KIOSK = range(6)
STRANGER = 2**40  # strangers have numbers from here on: devices that never say who they are
BOTS = 2**41
KIOSKS = 2**42  # devices of the stores
VISITS_PER_PURCHASE = 1.7


def live(stage: Stage, clicks: tuple[Ints, Ints]) -> None:
    """A day of visits that end without an order."""
    _follow_links(stage, clicks)
    _look(stage)
    _pass_by(stage)


def _follow_links(stage: Stage, clicks: tuple[Ints, Ints]) -> None:
    """Those who clicked and did not buy look around, too."""
    bought = [visit.person[visit.message >= 0] for visit in stage.visits]
    is_over = np.isin(clicks[0], np.concatenate([np.zeros(0, np.int64), *bought]))
    person, message = clicks[0][~is_over], clicks[1][~is_over]
    if len(person):
        _visit(stage, "clicks", person, message)


def _look(stage: Stage) -> None:
    """People look more often than they buy, the more of it on the web the more they buy there."""
    rate = stage.behaviour.purchase_rate(stage.view(), stage.moment)
    rate = rate * VISITS_PER_PURCHASE * (0.25 + 0.75 * stage.tempers.web_share)
    chance = stage.rng("looking")
    looks = (chance.random(stage.people.count) < 1 - np.exp(-rate)) & stage.present()
    person = np.flatnonzero(looks & (stage.state.last_purchase < stage.day))
    if len(person):
        _visit(stage, "looks", person, np.full(len(person), -1))


def _visit(stage: Stage, purpose: str, person: Ints, message: Ints) -> None:
    """Four in ten fill a cart and leave it; half log in where they have an account."""
    chance = stage.rng("visit", purpose)
    count = len(person)
    abroad = np.array([town.store for town in towns()])[stage.people.town[person]] < 0
    organic = chance.random(count) < 0.6 * stage.tempers.departments[person, 2]
    organic &= stage.records.first_of[SHOPIFY][person] >= 0
    system = np.select([abroad, organic], [PRESTASHOP, SHOPIFY], SHOP)
    product = choose(stage, person, np.arange(count), purpose)
    seconds = np.clip(chance.normal(66_000, 15_000, count), 900, 85_000).astype(np.int64)
    fills = happens(chance, 0.36, count)
    for shop in (SHOP, PRESTASHOP, SHOPIFY):
        mine = np.flatnonzero(system == shop)
        record = stage.records.at(shop, person[mine], stage.day)
        record = np.where(happens(chance, 0.5, len(mine)) | fills[mine], record, -1)
        record = np.where(happens(chance, 0.12, len(mine)), -1, record)
        cart = np.full(len(mine), -1)
        left = fills[mine]
        cart[left] = stage.number(
            f"cart/{('shop', 'shopify', 'prestashop')[shop]}", int(left.sum())
        )
        rows = (person[mine], record, seconds[mine], product[mine], cart)
        carts.note_left(stage, shop, tuple(row[left] for row in rows))
        nothing = np.full(len(mine), -1)
        for kind, which in ((BROWSE, ~left), (CART, left)):
            columns = (np.full(len(mine), SITE_OF[shop]), *rows, nothing, message[mine])
            stage.visits.append(Visits(kind, *(column[which] for column in columns)))


def _pass_by(stage: Stage) -> None:
    """Strangers by advertising and search, and machines; tablets in stores."""
    size = stage.people.count / 7000
    chance = stage.rng("strangers")
    _use_tablets(stage, int(chance.poisson(3.5 * size)))
    for kind, base, mean in ((BROWSE, STRANGER, 8.0), (BOT, BOTS, 0.8)):
        count = int(chance.poisson(mean * size))
        bots = base + chance.integers(0, 40, count)
        person = bots if kind == BOT else base + stage.number("stranger", count)
        site = np.where(happens(chance, 0.8, count), 0, chance.integers(1, 3, count))
        fame = np.floor(draw(stage.seed, f"passing {kind}", person + stage.day) ** 2 * 400)
        product = fame.astype(np.int64)
        is_sold = stage.catalogue.launch_day[product] <= stage.day
        product = np.where(is_sold, product, product // 16 * 16)
        seconds = stage.during(f"passing {kind}", count, (1, 23) if kind == BOT else (9, 22))
        nothing = np.full(count, -1)
        rows = (site, person, nothing, seconds, product, nothing, nothing, nothing)
        stage.visits.append(Visits(kind, *rows))


def _use_tablets(stage: Stage, count: int) -> None:
    """Tablets in the stores are used by many; four in ten log in."""
    chance = stage.rng("tablets")
    home = np.array([town.store for town in towns()])[stage.people.town]
    here = np.flatnonzero(stage.present() & (home >= 0))
    if not count or not len(here):
        return
    person = chance.choice(here, count)
    record = stage.records.at(SHOP, person, stage.day)
    record = np.where(happens(chance, 0.4, count), record, -1)
    product = choose(stage, person, np.arange(count), "tablets")
    none = np.full(count, -1)
    seconds = stage.during("tablets", count, (10, 19))
    site = np.zeros(count, np.int64)
    stage.visits.append(Visits(KIOSK, site, person, record, seconds, product, none, none, none))
