"""What a sale brings with it: cart, payment, invoice, redemption, and what follows days later."""

import numpy as np
from numpy.typing import NDArray

from demo.world import carts
from demo.world.baskets import Lines
from demo.world.campaigns import campaign_key, coupon_key
from demo.world.chance import happens, pick
from demo.world.columns import Cents, Ints, Key, Text, Value, Words
from demo.world.orders import CANCELLED, COMPLETED, TEST, Sale, note_headers, note_lines

from demo.world.orders import order_key, record_key  # isort: skip
from demo.world.records import SHOP, SYSTEMS, TILLS
from demo.world.stage import Stage

METHODS = Words(["card", "wallet", "transfer", "gift_card"])


def note(stage: Stage, sale: Sale, lines: Lines) -> None:
    """Note orders with all that belongs to them. A few are cancelled, now or later."""
    chance = stage.rng("sale", SYSTEMS[sale.system])
    count = sale.count
    is_web = sale.system != TILLS
    is_cancelled = is_web & happens(chance, 0.024, count)
    at_once = happens(chance, 0.4, count)
    status = np.where(is_cancelled & at_once, CANCELLED, COMPLETED)
    total = lines.totals(count)
    if is_web:
        carts.note_converted(stage, sale, lines)
    note_headers(stage, sale, status, total)
    note_lines(stage, sale, lines)
    if sale.system == SHOP:
        _note_payments(stage, sale, status, total)
    _note_redemptions(stage, sale)
    _plan_cancellations(stage, sale, is_cancelled & ~at_once, total)
    done = ~is_cancelled
    later = stage.day + chance.integers(5, 9, count)
    answers = done & happens(chance, 0.055, count) & (sale.record >= 0)
    system = np.full(count, sale.system)
    rows = (sale.person, sale.record, sale.number, system)
    stage.agenda.plan("survey", later[answers], *(column[answers] for column in rows))
    asks = done & happens(chance, 0.035, count) & (sale.record >= 0)
    asked = stage.day + chance.integers(1, 12, count)
    stage.agenda.plan("question", asked[asks], *(column[asks] for column in rows))
    _plan_returns(stage, sale, lines, done)


def cancel(stage: Stage) -> None:
    """Orders of the days before that are cancelled today: a new version of each."""
    for system in range(len(SYSTEMS)):
        due = stage.agenda.due(f"cancel/{SYSTEMS[system]}", stage.day)
        if due.size:
            person, record, number, seconds, day, total = due
            none = np.full(len(person), -1)
            sale = Sale(system, person, record, none, number, seconds, day, none, none)
            note_headers(stage, sale, np.full(len(person), CANCELLED), total)


def try_out(stage: Stage) -> None:
    """Now and then staff place an order under a test account of the shop."""
    chance = stage.rng("try out")
    records = stage.records
    tests = np.flatnonzero((records.system == SHOP) & records.is_test & (records.day < stage.day))
    if not len(tests) or not happens(chance, 0.14, 1)[0]:
        return
    one, none = np.ones(1, np.int64), np.full(1, -1)
    record, number = chance.choice(tests, 1), stage.number("order/shop", 1)
    seconds = stage.during("try out", 1)
    sale = Sale(SHOP, none, record, none, number, seconds, one * stage.day, none, none)
    lines = Lines(one - 1, one, one * 0, one, stage.state.price[:1].copy(), one * 0, one * 0)
    note_headers(stage, sale, np.full(1, TEST), lines.totals(1))
    note_lines(stage, sale, lines)


def _plan_cancellations(stage: Stage, sale: Sale, which: NDArray[np.bool_], total: Ints) -> None:
    rows = (sale.person, sale.record, sale.number, sale.seconds, sale.day, total)
    day = stage.day + 1 + sale.number % 3
    purpose = f"cancel/{SYSTEMS[sale.system]}"
    stage.agenda.plan(purpose, day[which], *(column[which] for column in rows))


def _note_payments(stage: Stage, sale: Sale, status: Ints, total: Ints) -> None:
    """One payment per order, after a failed one in a few cases; an invoice unless cancelled."""
    chance = stage.rng("payments")
    count = len(sale.person)
    fails = happens(chance, 0.025, count)
    method = pick(chance, [0.68, 0.22, 0.06, 0.04], count)
    rows = np.concatenate([np.flatnonzero(fails), np.arange(count)])
    is_failure = np.arange(len(rows)) < fails.sum()
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


def _plan_returns(stage: Stage, sale: Sale, lines: Lines, done: NDArray[np.bool_]) -> None:
    """Some lines come back, more from the web; of others a part of the money is given back."""
    chance = stage.rng("returns", SYSTEMS[sale.system])
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
