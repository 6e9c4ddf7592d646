"""Who looks without buying: browsing, carts left, strangers, readers of messages, kiosks, bots."""

import numpy as np

from demo.world.baskets import choose
from demo.world.chance import draw, happens
from demo.world.columns import Cents, Ints
from demo.world.lexicon import stores, towns
from demo.world.records import PRESTASHOP, SHOP, SHOPIFY
from demo.world.sales import SITE_OF, currencies, note_carts, record_key
from demo.world.stage import Stage, Visits

BROWSE, ORDER, CART, CONFIGURE, BOT, KIOSK = range(6)
STRANGER = 2**40  # strangers have numbers from here on: devices that never say who they are
BOTS = 2**41
KIOSKS = 2**42
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
        _note_left_carts(stage, shop, tuple(row[left] for row in rows))
        nothing = np.full(len(mine), -1)
        for kind, which in ((BROWSE, ~left), (CART, left)):
            columns = (np.full(len(mine), SITE_OF[shop]), *rows, nothing, message[mine])
            stage.visits.append(Visits(kind, *(column[which] for column in columns)))


def _note_left_carts(stage: Stage, system: int, rows: tuple[Ints, ...]) -> None:
    person, record, seconds, product, cart = rows
    count = len(person)
    chance = stage.rng("left carts", str(system))
    pieces = 1 + chance.poisson(0.8, count)
    typed = (record >= 0) | happens(chance, 0.25, count)
    email = np.where(record >= 0, stage.records.email[record], stage.people.email[person])
    note_carts(
        stage,
        (system, person, cart),
        {
            "customer_key": record_key(stage, record),
            "email": stage.text(np.where(typed, email, -1)),
            "status": np.full(count, "open", object),
            "order_key": record_key(stage, np.full(count, -1)),
            "item_count": pieces,
            "product_key": stage.product(product),
            "total_amount": Cents(stage.state.price[product] * pieces),
            "currency": currencies(stage, system, person),
            "created_at": stage.at(seconds - 200),
            "updated_at": stage.at(seconds),
        },
    )


def _pass_by(stage: Stage) -> None:
    """Strangers by advertising and search, tablets in stores, and machines."""
    size = stage.people.count / 7000
    chance = stage.rng("strangers")
    for kind, base, mean in ((BROWSE, STRANGER, 8.0), (KIOSK, KIOSKS, 2.5), (BOT, BOTS, 0.8)):
        count = int(chance.poisson(mean * size))
        if kind == BROWSE:
            person = base + stage.number("stranger", count)
        elif kind == KIOSK:
            person = base + chance.integers(0, 2 * len(stores()), count)
        else:
            person = base + chance.integers(0, 40, count)
        site = np.where(happens(chance, 0.8, count), 0, chance.integers(1, 3, count))
        fame = np.floor(draw(stage.seed, f"passing {kind}", person + stage.day) ** 2 * 400)
        product = fame.astype(np.int64)
        is_sold = stage.catalogue.launch_day[product] <= stage.day
        product = np.where(is_sold, product, product // 16 * 16)
        seconds = stage.during(f"passing {kind}", count, (1, 23) if kind == BOT else (9, 22))
        nothing = np.full(count, -1)
        site = np.zeros(count, np.int64) if kind == KIOSK else site
        rows = (site, person, nothing, seconds, product, nothing, nothing, nothing)
        stage.visits.append(Visits(kind, *rows))
