"""Orders and tickets as every system keeps them: headers and lines, their keys and currencies."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demo.world.baskets import Lines
from demo.world.chance import draw
from demo.world.columns import NOTHING, Cents, Ints, Key, Text, Words
from demo.world.lexicon import COUNTRIES
from demo.world.people import countries_of
from demo.world.records import PRESTASHOP, SHOP, SHOPIFY, SYSTEMS, TILLS
from demo.world.stage import Stage

SITE_OF = {SHOP: 0, PRESTASHOP: 1, SHOPIFY: 2}
HOSTS = {
    SHOP: "www.habitue.example",
    PRESTASHOP: "boutique.habitue.example",
    SHOPIFY: "bio.habitue.example",
}
FIRST_ORDER = {"shop": 100_000, "shopify": 5_001_000, "prestashop": 2_000, "tills": 0}
CURRENCIES = Words(["EUR", "CHF"])
STATUSES = Words(["completed", "cancelled", "test"])
COMPLETED, CANCELLED, TEST = range(3)
OFFLINE = 0.004  # share of tickets that a till tells a day or more later


@dataclass(frozen=True)
class Sale:
    """Orders of one system, one row each; record -1: a guest, or no card shown; person -1: staff.

    day: when, which is today but for a version told later.
    """

    system: int
    person: Ints
    record: Ints
    store: Ints
    number: Ints
    seconds: Ints
    day: Ints
    coupon: Ints
    message: Ints

    @property
    def count(self) -> int:
        """How many orders there are."""
        return len(self.person)


def order_key(system: int, numbers: Ints) -> Key:
    """Keys of orders of one system."""
    name = SYSTEMS[system]
    shifted = np.where(numbers < 0, -1, numbers + FIRST_ORDER[name])
    return Key("T", shifted, 9) if system == TILLS else Key("", shifted)


def record_key(stage: Stage, record: Ints) -> Key:
    """Keys of customer records, null where there is none."""
    return Key("", np.where(record < 0, -1, stage.records.number[record]))


def currencies(stage: Stage, system: int, person: Ints) -> Text:
    """Swiss pay francs in the foreign shop, everybody else euros."""
    is_swiss = countries_of(stage.people.town[person]) == COUNTRIES.index("CH")
    return Text(CURRENCIES, (is_swiss & (system == PRESTASHOP)).astype(np.int64))


def typed_emails(stage: Stage, sale: Sale) -> Ints:
    """The address given with each order: that of the account, or of the guest."""
    known = np.where(sale.record >= 0, stage.records.email[sale.record], -1)
    return np.where(known < 0, stage.people.email[sale.person], known)


def note_headers(stage: Stage, sale: Sale, status: Ints, total: Ints) -> None:
    """Note orders, or new versions of them."""
    is_till = sale.system == TILLS
    email = np.full(sale.count, -1) if is_till else typed_emails(stage, sale)
    stage.journal.note(
        "orders",
        SYSTEMS[sale.system],
        {
            "order_key": order_key(sale.system, sale.number),
            "customer_key": record_key(stage, sale.record),
            "email": stage.text(email),
            "store_key": Key("M", np.where(sale.store < 0, -1, sale.store + 1), 2),
            "channel": "store" if is_till else "web",
            "status": Text(STATUSES, status),
            "total_amount": Cents(total),
            "currency": currencies(stage, sale.system, sale.person),
            "ordered_at": _moments(stage, sale),
            "system": SYSTEMS[sale.system],
            "person_id": np.where(sale.person < 0, NOTHING, sale.person),
        },
    )


def note_lines(stage: Stage, sale: Sale, lines: Lines) -> None:
    """Note the lines of orders."""
    basket = lines.basket
    stage.journal.note(
        "order_lines",
        SYSTEMS[sale.system],
        {
            "order_key": order_key(sale.system, sale.number[basket]),
            "line_number": lines.number,
            "customer_key": record_key(stage, sale.record[basket]),
            "product_key": stage.product(lines.product),
            "store_key": Key("M", np.where(sale.store < 0, -1, sale.store + 1)[basket], 2),
            "channel": "store" if sale.system == TILLS else "web",
            "line_kind": "sale",
            "quantity": Cents(lines.quantity * 1000, 3),
            "net_amount": Cents(lines.net),
            "retail_discount_amount": Cents(lines.discount),
            "coupon_discount_amount": Cents(np.zeros(len(basket), np.int64)),
            "coupon_match_discount_amount": Cents(lines.coupon),
            "currency": currencies(stage, sale.system, sale.person[basket]),
            "ordered_at": _moments(stage, sale)[basket],
            "system": SYSTEMS[sale.system],
            "person_id": np.where(sale.person < 0, NOTHING, sale.person)[basket],
        },
    )


def _moments(stage: Stage, sale: Sale) -> NDArray[np.datetime64]:
    """When each was bought. Tills without a network tell tickets days later."""
    if sale.system != TILLS:
        return stage.at(sale.seconds, sale.day)
    dice = draw(stage.seed, "till offline", sale.number)
    late = np.where(dice < OFFLINE, 1 + np.floor(dice / OFFLINE * 3), 0).astype(np.int64)
    return stage.at(sale.seconds, sale.day - late)
