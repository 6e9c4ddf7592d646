"""Carts: left open, taken up again, turned into orders."""

import numpy as np

from demo.world.baskets import Lines
from demo.world.chance import happens
from demo.world.columns import Cents, Ints, Joined, Key, Value
from demo.world.orders import HOSTS, SITE_OF, Sale, currencies, order_key, record_key, typed_emails
from demo.world.records import SYSTEMS
from demo.world.stage import Stage, Visits

ORDER = 1
KEPT_DAYS = 6


def note_converted(stage: Stage, sale: Sale, lines: Lines) -> None:
    """The carts that became orders, and the visits in which they did.

    Six in ten of those who left a cart in the days before take it up again.
    """
    state = stage.state
    new = stage.number(f"cart/{SYSTEMS[sale.system]}", sale.count)
    again = (state.cart[sale.person] >= 0) & (state.cart_system[sale.person] == sale.system)
    again &= stage.day - state.cart_day[sale.person] <= KEPT_DAYS
    again &= happens(stage.rng("taken up", SYSTEMS[sale.system]), 0.6, sale.count)
    cart = np.where(again, state.cart[sale.person], new)
    begun = np.where(again, state.cart_day[sale.person], stage.day)
    seconds = np.where(again, state.cart_seconds[sale.person] - 200, sale.seconds - 420)
    state.cart[sale.person] = -1
    product = lines.product[np.searchsorted(lines.basket, np.arange(sale.count))]
    site = np.full(sale.count, SITE_OF[sale.system])
    led_to = (product, cart, sale.number, sale.message)
    stage.visits.append(Visits(ORDER, site, sale.person, sale.record, sale.seconds, *led_to))
    _note(
        stage,
        (sale.system, sale.person, cart),
        {
            "customer_key": record_key(stage, sale.record),
            "email": stage.text(typed_emails(stage, sale)),
            "status": np.full(sale.count, "converted", object),
            "order_key": order_key(sale.system, sale.number),
            "item_count": np.bincount(lines.basket, lines.quantity, sale.count).astype(np.int64),
            "product_key": stage.product(product),
            "total_amount": Cents(lines.totals(sale.count)),
            "currency": currencies(stage, sale.system, sale.person),
            "created_at": stage.at(seconds, begun),
            "updated_at": stage.at(sale.seconds),
        },
    )


def note_left(stage: Stage, system: int, rows: tuple[Ints, ...]) -> None:
    """Carts that are left; rows: people, records, seconds, products and numbers of the carts."""
    person, record, seconds, product, cart = rows
    count = len(person)
    chance = stage.rng("left carts", SYSTEMS[system])
    pieces = 1 + chance.poisson(0.8, count)
    typed = (record >= 0) | happens(chance, 0.25, count)
    email = np.where(record >= 0, stage.records.email[record], stage.people.email[person])
    state = stage.state
    state.cart[person], state.cart_system[person] = cart, system
    state.cart_day[person], state.cart_seconds[person] = stage.day, seconds
    _note(
        stage,
        (system, person, cart),
        {
            "customer_key": record_key(stage, record),
            "email": stage.text(np.where(typed, email, -1)),
            "status": np.full(count, "open", object),
            "order_key": order_key(system, np.full(count, -1)),
            "item_count": pieces,
            "product_key": stage.product(product),
            "total_amount": Cents(stage.state.price[product] * pieces),
            "currency": currencies(stage, system, person),
            "created_at": stage.at(seconds - 200),
            "updated_at": stage.at(seconds),
        },
    )


def _note(stage: Stage, of: tuple[int, Ints, Ints], rows: dict[str, Value]) -> None:
    """Note carts of a web shop; of: system, people and numbers of the carts."""
    system, person, cart = of
    name = SYSTEMS[system]
    told: dict[str, Value] = {
        "cart_key": Key("", cart),
        "anonymous_id": stage.device(person),
        "cart_url": Joined((f"https://{HOSTS[system]}/panier/", Key("", cart), "-reprendre")),
        "system": name,
        "person_id": person,
    }
    stage.journal.note("carts", name, rows | told)
