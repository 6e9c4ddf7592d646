"""Orders and tickets as the systems keep them: headers, lines, payments, invoices, redemptions."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demo.world.baskets import Lines
from demo.world.campaigns import campaign_key, coupon_key
from demo.world.chance import happens, pick
from demo.world.columns import Cents, Ints, Joined, Key, Text, Value, Words
from demo.world.lexicon import COUNTRIES
from demo.world.people import countries_of
from demo.world.records import PRESTASHOP, SHOP, SHOPIFY, SYSTEMS, TILLS
from demo.world.stage import Stage, Visits

ORDER = 1
SITE_OF = {SHOP: 0, PRESTASHOP: 1, SHOPIFY: 2}
FIRST_ORDER = {"shop": 100_000, "shopify": 5_001_000, "prestashop": 2_000, "tills": 0}
CURRENCIES = Words(["EUR", "CHF"])
HOSTS = {
    SHOP: "www.habitue.example",
    PRESTASHOP: "boutique.habitue.example",
    SHOPIFY: "bio.habitue.example",
}
STATUSES = Words(["completed", "cancelled"])
COMPLETED, CANCELLED = range(2)
METHODS = Words(["card", "wallet", "transfer", "gift_card"])


@dataclass(frozen=True)
class Sale:
    """Orders of one system today, one row each; record -1: a guest, or no card shown."""

    system: int
    person: Ints
    record: Ints
    store: Ints
    number: Ints
    seconds: Ints
    coupon: Ints
    message: Ints
    lines: Lines


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


def note(stage: Stage, sale: Sale) -> None:
    """Note orders with all that belongs to them."""
    chance = stage.rng("sale", SYSTEMS[sale.system])
    count = len(sale.person)
    is_web = sale.system != TILLS
    status = np.where(is_web & happens(chance, 0.022, count), CANCELLED, COMPLETED)
    if is_web:
        _note_cart(stage, sale)
    _note_headers(stage, sale, status)
    _note_lines(stage, sale)
    if sale.system == SHOP:
        _note_payments(stage, sale, status)
    _note_redemptions(stage, sale)
    done = status == COMPLETED
    later = stage.day + chance.integers(5, 9, count)
    answers = done & happens(chance, 0.055, count) & (sale.record >= 0)
    system = np.full(count, sale.system)
    rows = (sale.person, sale.record, sale.number, system)
    stage.agenda.plan("survey", later[answers], *(column[answers] for column in rows))
    asks = done & happens(chance, 0.035, count) & (sale.record >= 0)
    asked = stage.day + chance.integers(1, 12, count)
    stage.agenda.plan("question", asked[asks], *(column[asks] for column in rows))
    _plan_returns(stage, sale, done)


def _note_headers(stage: Stage, sale: Sale, status: Ints) -> None:
    count = len(sale.person)
    is_till = sale.system == TILLS
    typed = np.where(sale.record >= 0, stage.records.email[sale.record], -1)
    email = (
        np.full(count, -1)
        if is_till
        else np.where(typed < 0, stage.people.email[sale.person], typed)
    )
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
            "total_amount": Cents(sale.lines.totals(count)),
            "currency": currencies(stage, sale.system, sale.person),
            "ordered_at": stage.at(sale.seconds),
            "system": SYSTEMS[sale.system],
            "person_id": sale.person,
        },
    )


def _note_lines(stage: Stage, sale: Sale) -> None:
    lines = sale.lines
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
            "ordered_at": stage.at(sale.seconds[basket]),
            "system": SYSTEMS[sale.system],
            "person_id": sale.person[basket],
        },
    )


def _note_payments(stage: Stage, sale: Sale, status: Ints) -> None:
    """One payment per order, after a failed one in a few cases; an invoice unless cancelled."""
    chance = stage.rng("payments")
    count = len(sale.person)
    fails = happens(chance, 0.025, count)
    method = pick(chance, [0.68, 0.22, 0.06, 0.04], count)
    rows = np.concatenate([np.flatnonzero(fails), np.arange(count)])
    is_failure = np.arange(len(rows)) < fails.sum()
    total = sale.lines.totals(count)
    state = np.select([is_failure, status[rows] == CANCELLED], [1, 2], 0)
    common: dict[str, Value] = {"system": "shop"}
    payments: dict[str, Value] = {
        "payment_key": Key("PAY", stage.number("payment", len(rows)), 8),
        "order_key": order_key(SHOP, sale.number[rows]),
        "method": Text(METHODS, method[rows]),
        "status": Text(Words(["paid", "failed", "refunded"]), state),
        "amount": Cents(total[rows]),
        "currency": "EUR",
        "paid_at": stage.at(sale.seconds[rows] + np.where(is_failure, 40, 95)),
        "person_id": sale.person[rows],
    }
    stage.journal.note("payments", "shop", common | payments)
    billed = np.flatnonzero(status == COMPLETED)
    invoices: dict[str, Value] = {
        "invoice_key": Key("FA", stage.number("invoice", len(billed)), 8),
        "order_key": order_key(SHOP, sale.number[billed]),
        "customer_key": record_key(stage, sale.record[billed]),
        "total_amount": Cents(total[billed]),
        "currency": "EUR",
        "invoiced_at": stage.at(sale.seconds[billed] + 600),
        "person_id": sale.person[billed],
    }
    stage.journal.note("invoices", "shop", common | invoices)


def _note_redemptions(stage: Stage, sale: Sale) -> None:
    """Coupons used, by people with an account of the shop: the planning tool knows no others."""
    account = stage.records.at(SHOP, sale.person, stage.day)
    used = np.flatnonzero((sale.coupon >= 0) & (account >= 0))
    stage.journal.note(
        "redemptions",
        "planning",
        {
            "customer_key": record_key(stage, account[used]),
            "coupon_key": coupon_key(sale.coupon[used]),
            "campaign_key": campaign_key(sale.coupon[used]),
            "redeemed_on": stage.dates(np.full(len(used), stage.day)),
            "system": "planning",
            "person_id": sale.person[used],
        },
    )


def _note_cart(stage: Stage, sale: Sale) -> None:
    """The cart that became the order, and the visit in which it did."""
    count = len(sale.person)
    cart = stage.number(f"cart/{SYSTEMS[sale.system]}", count)
    first = np.searchsorted(sale.lines.basket, np.arange(count))
    product = sale.lines.product[first]
    site = np.full(count, SITE_OF[sale.system])
    led_to = (product, cart, sale.number, sale.message)
    stage.visits.append(Visits(ORDER, site, sale.person, sale.record, sale.seconds, *led_to))
    typed = np.where(sale.record >= 0, stage.records.email[sale.record], -1)
    pieces = np.bincount(sale.lines.basket, sale.lines.quantity, count)
    note_carts(
        stage,
        (sale.system, sale.person, cart),
        {
            "customer_key": record_key(stage, sale.record),
            "email": stage.text(np.where(typed < 0, stage.people.email[sale.person], typed)),
            "status": np.full(count, "converted", object),
            "order_key": order_key(sale.system, sale.number),
            "item_count": pieces.astype(np.int64),
            "product_key": stage.product(product),
            "total_amount": Cents(sale.lines.totals(count)),
            "currency": currencies(stage, sale.system, sale.person),
            "created_at": stage.at(sale.seconds - 420),
            "updated_at": stage.at(sale.seconds),
        },
    )


def note_carts(stage: Stage, of: tuple[int, Ints, Ints], rows: dict[str, Value]) -> None:
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


def _plan_returns(stage: Stage, sale: Sale, done: NDArray[np.bool_]) -> None:
    """Some lines come back, more from the web; of others a part of the money is given back."""
    chance = stage.rng("returns", SYSTEMS[sale.system])
    lines = sale.lines
    department = stage.catalogue.department_of[stage.catalogue.category[lines.product]]
    share = np.array([0.06, 0.075, 0.008])[department] * (0.5 if sale.system == TILLS else 1.0)
    back = done[lines.basket] & (chance.random(len(lines.basket)) < share)
    back &= lines.net > 0
    rows = np.flatnonzero(back)
    basket = lines.basket[rows]
    is_partial = happens(chance, 0.3, len(rows)) & (sale.system != TILLS)
    quantity = np.where(
        is_partial, lines.quantity[rows], chance.integers(1, lines.quantity[rows] + 1)
    )
    amount = np.where(
        is_partial,
        lines.net[rows] * chance.integers(15, 60, len(rows)) // 100,
        lines.net[rows] * quantity // lines.quantity[rows],
    )
    stage.agenda.plan(
        f"return/{SYSTEMS[sale.system]}", stage.day + chance.integers(2, 28, len(rows)),
        sale.person[basket], sale.record[basket], sale.number[basket], sale.store[basket],
        lines.product[rows], quantity, amount, is_partial.astype(np.int64),
    )  # fmt: skip
