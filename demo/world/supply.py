"""What the company has: stores, products, prices, stock, contents."""

import numpy as np

from demo.world.catalogue import DEPARTMENTS, contents
from demo.world.columns import Cents, Ints, Key, Text, Words
from demo.world.lexicon import stores
from demo.world.stage import Stage

STOCKED = 60
MONDAY = 0


def live(stage: Stage) -> None:
    """A day of supply."""
    if stage.day == 0:
        _open(stage)
    _launch(stage)
    if stage.calendar.on(stage.day).day == 1 and stage.day > 0:
        _change_prices(stage)
    if stage.calendar.on(stage.day).weekday() == MONDAY or stage.day == 0:
        _count_stock(stage)


def _open(stage: Stage) -> None:
    shops = stores()
    stage.journal.note(
        "stores",
        "tills",
        {
            "store_key": Key("M", np.arange(1, len(shops) + 1), 2),
            "store_name": np.array([shop.name for shop in shops], object),
            "address_line": np.array([shop.address_line for shop in shops], object),
            "postal_code": np.array([shop.postal_code for shop in shops], object),
            "city": np.array([shop.city for shop in shops], object),
            "country": "FR",
            "opened_on": np.array([shop.opened_on for shop in shops], "M8[D]"),
            "system": "tills",
        },
    )
    read = contents()
    stage.journal.note(
        "contents",
        "web",
        {
            "content_key": Key("C", np.arange(1, len(read.topic) + 1), 3),
            "content_kind": Text(read.kinds, read.kind),
            "topic": Text(Words(stage.catalogue.categories), read.topic),
            "title": Text(read.titles, np.arange(len(read.topic))),
            "system": "web",
        },
    )


def _launch(stage: Stage) -> None:
    shelf = stage.catalogue
    is_new = shelf.launch_day == stage.day
    new = np.flatnonzero(is_new | (shelf.launch_day < 0) if stage.day == 0 else is_new)
    if not len(new):
        return
    category = shelf.category[new]
    launched = stage.dates(np.where(shelf.launch_day[new] < 0, -700, shelf.launch_day[new]))
    stage.journal.note(
        "products",
        "shop",
        {
            "product_key": stage.product(new),
            "product_name": Text(shelf.product_name, new),
            "department": Text(Words(DEPARTMENTS), shelf.department_of[category]),
            "category": Text(Words(shelf.categories), category),
            "product_type": Text(shelf.type_name, new),
            "brand": Text(shelf.brand, new),
            "package_size": Text(shelf.package, new),
            "price_amount": Cents(stage.state.price[new]),
            "cost_amount": Cents(shelf.cost[new]),
            "is_organic": shelf.is_organic[new],
            "is_configurable": shelf.is_configurable_category[category],
            "launched_on": launched,
            "system": "shop",
        },
    )
    _note_prices(stage, new, launched)


def _change_prices(stage: Stage) -> None:
    chance = stage.rng("prices")
    sold = np.flatnonzero(stage.catalogue.launch_day <= stage.day)
    changed = chance.choice(sold, 14, replace=False)
    change = 1 + chance.choice([-0.04, -0.02, 0.02, 0.03, 0.05], len(changed))
    stage.state.price[changed] = np.round(stage.state.price[changed] * change / 10) * 10 - 1
    today = stage.dates(np.full(len(changed), stage.day))
    _note_prices(stage, changed, today)


def _note_prices(stage: Stage, products: Ints, since: np.ndarray) -> None:
    stage.journal.note(
        "product_prices",
        "shop",
        {
            "product_key": stage.product(products),
            "valid_from_on": since,
            "price_amount": Cents(stage.state.price[products]),
            "cost_amount": Cents(stage.catalogue.cost[products]),
            "currency": "EUR",
            "system": "shop",
        },
    )


def _count_stock(stage: Stage) -> None:
    """Stock of the best products once a week, per place; the last place is the web shop's."""
    chance = stage.rng("stock")
    shelf = stage.catalogue
    places = len(stores()) + 1
    best = np.argsort(-shelf.popularity * shelf.weight[shelf.category], kind="stable")[:STOCKED]
    best = best[shelf.launch_day[best] <= stage.day]
    if not stage.state.stock.size:
        stage.state.stock = chance.integers(5, 60, (shelf.count, places))
    stock = stage.state.stock
    sold = chance.poisson(4.0, (len(best), places))
    left = np.maximum(stock[best] - sold, 0)
    stock[best] = np.where((left < 6) & (chance.random(left.shape) < 0.8), left + 40, left)  # noqa: PLR2004
    product, place = np.repeat(best, places), np.tile(np.arange(places), len(best))
    keys = Words([*(f"M{number + 1:02d}" for number in range(len(stores()))), "web"])
    stage.journal.note(
        "stock_levels",
        "shop",
        {
            "product_key": stage.product(product),
            "store_key": Text(keys, place),
            "stock_on": stage.dates(np.full(len(product), stage.day)),
            "quantity": Cents(stock[product, place] * 1000, 3),
            "system": "shop",
        },
    )
