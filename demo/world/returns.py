"""Goods that come back, and money given back for them or for a fault."""

import numpy as np

from demo.world.chance import pick
from demo.world.columns import Cents, Key, Text, Value, Words
from demo.world.orders import currencies, order_key, record_key
from demo.world.records import PRESTASHOP, SHOP, SHOPIFY, SYSTEMS, TILLS
from demo.world.stage import Stage

REASONS = Words(["too_small", "not_as_expected", "damaged", "late", "changed_mind"])


def live(stage: Stage) -> None:
    """A day of returns, at every system."""
    for system in (SHOP, SHOPIFY, PRESTASHOP):
        due = stage.agenda.due(f"return/{SYSTEMS[system]}", stage.day)
        if due.size:
            _refund(stage, system, due)
    due = stage.agenda.due("return/tills", stage.day)
    if due.size:
        _take_back(stage, due)


def _refund(stage: Stage, system: int, due: np.ndarray) -> None:
    person, record, order, _, product, quantity, amount, is_partial = due
    count = len(person)
    chance = stage.rng("refunds", SYSTEMS[system])
    number = stage.number(f"refund/{SYSTEMS[system]}", count)
    seconds = stage.during("refunds", count)
    stage.journal.note(
        "refunds",
        SYSTEMS[system],
        {
            "refund_key": Key("", number),
            "order_key": order_key(system, order),
            "product_key": stage.product(product),
            "customer_key": record_key(stage, record),
            "refund_kind": Text(Words(["return", "refund"]), is_partial),
            "quantity": Cents(np.where(is_partial == 1, 0, quantity * 1000), 3),
            "amount": Cents(amount),
            "currency": currencies(stage, system, person),
            "reason": Text(REASONS, pick(chance, [0.2, 0.25, 0.2, 0.1, 0.25], count)),
            "refunded_at": stage.at(seconds),
            "system": SYSTEMS[system],
            "person_id": person,
        },
    )
    if system == SHOP:
        _credit(stage, due, seconds)


def _credit(stage: Stage, due: np.ndarray, seconds: np.ndarray) -> None:
    """The shop issues a credit note for each refund."""
    person, record, order, amount = due[0], due[1], due[2], due[6]
    stage.journal.note(
        "invoices",
        "shop/credit",
        {
            "invoice_key": Key("AV", stage.number("credit", len(person)), 8),
            "order_key": order_key(SHOP, order),
            "customer_key": record_key(stage, record),
            "total_amount": Cents(-amount),
            "currency": "EUR",
            "invoiced_at": stage.at(seconds + 60),
            "system": "shop",
            "person_id": person,
        },
    )


def _take_back(stage: Stage, due: np.ndarray) -> None:
    """A return at the till is a ticket of its own with one negative line."""
    person, record, _, store, product, quantity, amount, _ = due
    count = len(person)
    number = stage.number("order/tills", count)
    seconds = stage.during("till returns", count, (10, 19))
    common: dict[str, Value] = {
        "order_key": order_key(TILLS, number),
        "customer_key": record_key(stage, record),
        "store_key": Key("M", store + 1, 2),
        "channel": "store",
        "currency": "EUR",
        "ordered_at": stage.at(seconds),
        "system": "tills",
        "person_id": person,
    }
    header: dict[str, Value] = {"status": "completed", "total_amount": Cents(-amount)}
    stage.journal.note("orders", "tills/returns", common | header)
    line: dict[str, Value] = {
        "line_number": np.ones(count, np.int64),
        "product_key": stage.product(product),
        "line_kind": "return",
        "quantity": Cents(-quantity * 1000, 3),
        "net_amount": Cents(-amount),
    }
    stage.journal.note("order_lines", "tills/returns", common | line)
