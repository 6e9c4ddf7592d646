"""The events of visits: pages, products, contents, searches, carts, checkout, order, login."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demo.world.browsing import BOT, BROWSE, CART, CONFIGURE, KIOSK, KIOSKS, ORDER, STRANGER
from demo.world.catalogue import PRODUCTS_PER_CATEGORY, contents
from demo.world.chance import draw, happens, pick
from demo.world.columns import NOTHING, Cents, Ints, Joined, Key, Text, Value, Words
from demo.world.lexicon import stores
from demo.world.orders import HOSTS, order_key, record_key
from demo.world.records import PRESTASHOP, SHOP, SHOPIFY
from demo.world.stage import Stage, Visits

SITES = ((0, "web", SHOP), (1, "matomo", PRESTASHOP), (2, "ga4", SHOPIFY))
(PAGE, LOGIN, SEARCH, CONTENT, VIDEO, PRODUCT, ADD, CHECKOUT, PLACED, STEP) = range(10)
TYPES = Words(
    [
        "page_view", "login", "search", "content_view", "video_view", "product_view",
        "add_to_cart", "checkout_step", "order", "configurator_step",
    ]
)  # fmt: skip
PATHS = Words(
    [
        "/", "/connexion", "/recherche", "/magazine", "/videos", "/produit", "/panier/ajout",
        "/commande", "/merci", "/configurateur",
    ]
)  # fmt: skip
PRODUCTS = 400
PAGES = Words(
    [
        "",
        *(f"/P{number:04d}" for number in range(1, PRODUCTS + 1)),
        *(f"/C{number:03d}" for number in range(1, 100)),
    ]
)
DEVICES = Words(["mobile", "desktop", "tablet", "kiosk"])
AGENTS = Words(
    [
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Safari/605.1.15",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Firefox/126.0",
        "Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) Safari/605.1.15",
        "HabitueKiosk/2.1 (Android 13)",
        "Mozilla/5.0 (compatible; ExampleBot/2.1; +https://bot.example/about)",
    ]
)
SOURCES = Words(["email", "google", "meta", "google", "habitue-sms"])
MEDIUMS = Words(["newsletter", "cpc", "paid_social", "organic", "sms"])
REFERRERS = Words(["https://www.google.example/", "https://www.reseau.example/"])
AD_CAMPAIGNS = Words(["brand-fr", "shopping-velo"])
CLICK_IDS = Words(["gclid-", "fbclid-"])
EMAIL_LINK, GOOGLE_AD, META_AD, ORGANIC = range(4)
LATE = 0.003  # share of visits told a day or two later, by devices that were offline
SKEWED = 0.0005  # share of visits whose device is a day ahead


@dataclass(frozen=True)
class Events:
    """Events of today's visits; visit is the position in the merged visits, kind a TYPES code."""

    visit: Ints
    kind: Ints
    place: Ints
    product: Ints


def live(stage: Stage) -> None:
    """Turn today's visits into events."""
    visits = [visit for visit in stage.visits if len(visit.person)]
    stage.visits.clear()
    if not visits:
        return
    purpose = np.concatenate([np.full(len(visit.person), visit.purpose) for visit in visits])
    names = ("site", "person", "record", "seconds", "product", "cart", "order", "message")
    columns = {name: np.concatenate([getattr(visit, name) for visit in visits]) for name in names}
    whole = Visits(purpose=-1, **columns)
    events = _events(stage, whole, purpose)
    for site, system, shop in SITES:
        mine = whole.site[events.visit] == site
        chosen = Events(*(column[mine] for column in vars(events).values()))
        _note(stage, (system, shop), (whole, purpose), chosen)


def _events(stage: Stage, visits: Visits, purpose: Ints) -> Events:
    """How many events of each kind a visit has, in the order in which people act."""
    chance = stage.rng("events")
    count = len(purpose)
    is_person = purpose != BOT
    looks = np.select(
        [purpose == ORDER, purpose == BOT, purpose == KIOSK],
        [1 + chance.poisson(0.7, count), chance.poisson(9, count), chance.poisson(1.2, count)],
        chance.poisson(1.4, count),
    )
    has_cart = np.isin(purpose, [ORDER, CART])
    sizes = {
        PAGE: np.where(visits.message >= 0, 0, 1),
        LOGIN: (visits.record >= 0).astype(np.int64),
        SEARCH: is_person & happens(chance, 0.16, count),
        CONTENT: is_person & (purpose != ORDER) & happens(chance, 0.17, count),
        VIDEO: is_person & (purpose != ORDER) & happens(chance, 0.12, count),
        PRODUCT: np.maximum(looks, has_cart | (visits.message >= 0)),
        ADD: has_cart.astype(np.int64),
        CHECKOUT: np.where(purpose == CART, happens(chance, 0.4, count), purpose == ORDER),
        PLACED: purpose == ORDER,
        STEP: np.where(purpose == CONFIGURE, 3, 0),
    }
    visit = np.concatenate([np.repeat(np.arange(count), size) for size in sizes.values()])
    kind = np.repeat(list(sizes), [int(size.sum()) for size in sizes.values()])
    order = np.lexsort((kind, visit))
    visit, kind = visit[order], kind[order]
    starts = np.searchsorted(visit, np.arange(count))
    return Events(
        visit, kind, np.arange(len(visit)) - starts[visit], _products(stage, visits, visit, kind)
    )


def _products(stage: Stage, visits: Visits, visit: Ints, kind: Ints) -> Ints:
    """Products looked at: the one of the visit, and its neighbours of the same category."""
    chance = stage.rng("neighbours")
    main = visits.product[visit]
    near = main // PRODUCTS_PER_CATEGORY * PRODUCTS_PER_CATEGORY + chance.integers(
        0, PRODUCTS_PER_CATEGORY, len(visit)
    )
    near = np.where(stage.catalogue.launch_day[near] <= stage.day, near, main)
    wanders = (kind == PRODUCT) & happens(chance, 0.5, len(visit))
    product = np.where(wanders, near, main)
    return np.where(np.isin(kind, [PRODUCT, ADD, STEP]), product, -1)


def _note(stage: Stage, site: tuple[str, int], of: tuple[Visits, Ints], events: Events) -> None:
    visits, purpose = of
    system, shop = site
    visit, kind = events.visit, events.kind
    person, record = visits.person[visit], visits.record[visit]
    logged_in = (record >= 0) & (kind >= LOGIN)
    device = _devices(visits, purpose)[visit]
    in_cart = np.isin(kind, [ADD, CHECKOUT])
    stage.journal.note(
        "web_events",
        system,
        _way_in(stage, of, events)
        | _seen(stage, shop, visits, events)
        | {
            "web_event_key": Key(f"{system[0]}e-", stage.number(f"event/{system}", len(visit)), 9),
            "event_type": Text(TYPES, kind),
            "anonymous_id": _cookies(stage, of, visit),
            "customer_key": record_key(stage, np.where(logged_in, record, -1)),
            "cart_key": Key("", np.where(in_cart, visits.cart[visit], -1)),
            "order_key": order_key(shop, np.where(kind == PLACED, visits.order[visit], -1)),
            "device": Text(DEVICES, device),
            "user_agent": Text(AGENTS, np.where(purpose[visit] == BOT, 4, device)),
            "is_bot": (purpose[visit] == BOT) & (person % 4 != 0),
            "occurred_at": _moments(stage, visits, events),
            "system": system,
            "person_id": np.where(person < STRANGER, person, NOTHING),
        },
    )


def _way_in(stage: Stage, of: tuple[Visits, Ints], events: Events) -> dict[str, Value]:
    """Where the visit comes from, told by its first event only."""
    visits, _ = of
    visit, is_first = events.visit, events.place == 0
    person = visits.person[visit]
    source = np.where(is_first, _sources(stage, *of)[visit], -1)
    is_ad = np.isin(source, [GOOGLE_AD, META_AD])
    click = person * 7919 % 10**9 + stage.day
    platform = np.where(is_ad, source - GOOGLE_AD, -1)
    return {
        "referrer_url": Text(REFERRERS, _referrer(source)),
        "message_key": stage.message(np.where(is_first, visits.message[visit], -1)),
        "utm_source": Text(SOURCES, source),
        "utm_medium": Text(MEDIUMS, source),
        "utm_campaign": Text(AD_CAMPAIGNS, np.where(is_ad, person % 2, -1)),
        "click_id": Joined((Text(CLICK_IDS, platform), Key("", click, 10))),
    }


def _seen(stage: Stage, shop: int, visits: Visits, events: Events) -> dict[str, Value]:
    """The page, and what is on it."""
    kind = events.kind
    content, shares = _contents(stage, events, visits)
    read, categories = contents(), Words(stage.catalogue.categories)
    is_content = content >= 0
    topic = np.where(is_content, read.topic[content], -1)
    searched = np.where(kind == SEARCH, stage.catalogue.category[visits.product[events.visit]], -1)
    page = (f"https://{HOSTS[shop]}", Text(PATHS, kind), Text(PAGES, _pages(events, content)))
    return {
        "page_url": Joined(page),
        "product_key": stage.product(events.product),
        "content_key": Key("C", np.where(is_content, content + 1, -1), 3),
        "content_kind": Text(read.kinds, np.where(is_content, read.kind[content], -1)),
        "topic": Text(categories, topic),
        "watched_share": Cents(shares, 4),
        "search_text": Text(categories, searched),
    }


def _pages(events: Events, content: Ints) -> Ints:
    """The end of a page's address: its product or content."""
    shows = np.isin(events.kind, [PRODUCT, STEP])
    return np.select([shows, content >= 0], [events.product + 1, PRODUCTS + 1 + content], 0)


def _moments(stage: Stage, visits: Visits, events: Events) -> NDArray[np.datetime64]:
    """Half a minute between two events; the order comes at its own second."""
    size = np.bincount(events.visit, minlength=len(visits.person))[events.visit]
    pace = 25 + (visits.person[events.visit] % 23)
    seconds = visits.seconds[events.visit] - (size - 1 - events.place) * pace
    dice = draw(stage.seed, "late", visits.person + stage.day * 7)[events.visit]
    day = stage.day - np.where(dice < LATE, 1 + (dice < LATE / 3), 0)
    day += (dice > 1 - SKEWED).astype(np.int64)
    return stage.at(np.maximum(seconds, 0), day)


def _sources(stage: Stage, visits: Visits, purpose: Ints) -> Ints:
    chance = stage.rng("sources")
    count = len(purpose)
    shares = np.where(visits.person < STRANGER, 0.12, 0.6)
    paid = chance.random(count) < shares
    which = pick(chance, [0.0, 0.5, 0.25, 0.25], count)
    source = np.where(paid & np.isin(purpose, [BROWSE, ORDER, CART]), which, -1)
    return np.where(visits.message >= 0, EMAIL_LINK, source)


def _referrer(source: Ints) -> Ints:
    return np.select([np.isin(source, [GOOGLE_AD, ORGANIC]), source == META_AD], [0, 1], -1)


def _contents(stage: Stage, events: Events, visits: Visits) -> tuple[Ints, Ints]:
    """Contents seen, mostly of the topic of the visit, and the share of a video watched."""
    chance = stage.rng("contents")
    read = contents()
    count = len(events.visit)
    topic = stage.catalogue.category[visits.product[events.visit]]
    content = np.full(count, -1)
    for kind, is_video in ((CONTENT, False), (VIDEO, True)):
        pool = np.flatnonzero((read.kind == 0) == is_video)
        department = stage.catalogue.department_of[read.topic[pool]]
        near = department[None, :] == stage.catalogue.department_of[topic][:, None]
        weight = np.cumsum(np.where(near, 6.0, 1.0), axis=1)
        place = (weight < chance.random(count)[:, None] * weight[:, -1:]).sum(axis=1)
        content = np.where(events.kind == kind, pool[place], content)
    shares = np.round(chance.beta(1.4, 1.1, count) * 10_000).astype(np.int64)
    return content, np.where(events.kind == VIDEO, shares, NOTHING)


def _devices(visits: Visits, purpose: Ints) -> Ints:
    device = np.where(visits.person % 10 < 6, 0, np.where(visits.person % 10 < 9, 1, 2))  # noqa: PLR2004
    return np.where(purpose == KIOSK, 3, device)


def _cookies(stage: Stage, of: tuple[Visits, Ints], visit: Ints) -> Key:
    """The device of each visit: a store's tablet, the family's, or one of one's own.

    In one household in seven all use one tablet; most visits come from the first device.
    """
    visits, purpose = of
    person = visits.person
    known = np.where(person < STRANGER, person, 0)
    shares = draw(stage.seed, "shared device", stage.people.household[known]) < 1 / 7
    owner = np.where((person < STRANGER) & shares, stage.people.head[known], person)
    dice = draw(stage.seed, "device", person * 1013 + np.arange(len(person)) + stage.day * 31)
    which = np.searchsorted([0.72, 0.92], dice)
    tablet = KIOSKS + visits.seconds % (2 * len(stores()))
    is_kiosk = purpose == KIOSK
    owner, which = np.where(is_kiosk, tablet, owner), np.where(is_kiosk, 0, which)
    return stage.device(owner[visit], which[visit])
