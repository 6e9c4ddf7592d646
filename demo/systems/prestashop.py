"""What the shop for Belgium and Switzerland keeps of a period, as PrestaShop's webservice gives it.

Times are the shop's own, without a zone; numbers are texts; newsletter and optin are flags without
wording or proof; a guest is a customer made for one order; a credit slip names lines of an order.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from demo.systems.documents import Document, Documents, facts_of, iso, recorded_at

if TYPE_CHECKING:
    from demo.world.facts import Facts, Period

SYSTEM = "prestashop"
TIME_ZONE = "Europe/Brussels"
CURRENCIES = {"EUR": "1", "CHF": "2", "USD": "3"}
COUNTRIES = {"BE": "3", "FR": "8", "CH": "19", "LU": "12", "DE": "1", "NL": "13"}
STATES = {"completed": "5", "cancelled": "6", "test": "20"}  # 20: a state the shop made itself
NO_TIME, NO_DAY = "0000-00-00 00:00:00", "0000-00-00"

Row = dict[str, Any]
Found = dict[str, list[Document]]


class Prestashop:
    """The shop's records, in HOME/demo/systems/prestashop.db."""

    def __init__(self, home: Path) -> None:
        self.store = Documents(home / "demo" / "systems" / "prestashop.db")

    def record(self, facts: Facts, period: Period) -> None:
        """Keep what the shop learnt in the period; one recorded before changes nothing."""
        if self.store.has(period):
            return
        orders = facts_of(facts, "orders", SYSTEM)
        lines = facts_of(facts, "order_lines", SYSTEM)
        carts = facts_of(facts, "carts", SYSTEM)
        people = [*facts_of(facts, "customers", SYSTEM), *_guests(orders)]
        refunds = facts_of(facts, "refunds", SYSTEM)
        found: Found = defaultdict(list)
        self._people(found, people, facts_of(facts, "consent_events", SYSTEM), period)
        products = self._products([*lines, *carts, *refunds])
        found["products"] = [
            Document(number, "", {"id": _id(number), "reference": key})
            for key, number in products.items()
        ]
        by_order = {cart["order_key"]: cart["cart_key"] for cart in carts if cart["order_key"]}
        self._orders(found, orders, lines, (products, by_order), period)
        details = self._details(refunds, found["orders"])
        found["carts"] = [_cart(row, products, period) for row in carts]
        found["order_slip"] = [
            _slip(row, details.get((row["order_key"], row["product_key"])), period)
            for row in refunds
        ]
        self.store.record(period, found)

    def close(self) -> None:
        """Nothing stays open."""

    def _people(self, found: Found, people: list[Row], consents: list[Row], period: Period) -> None:
        keys = [row["customer_key"] for row in (*people, *consents) if row["customer_key"]]
        known = self.store.by_key("customers", list(dict.fromkeys(keys)))
        bodies = {key: document.body for key, document in known.items()}
        times: dict[str, str] = {}
        for row in people:
            key = row["customer_key"]
            times[key] = recorded_at(row["registered_at"] if key not in bodies else None, period)
            added = row["registered_at"] or datetime.fromisoformat(times[key])
            bodies[key] = {**_NO_FLAGS, **bodies.get(key, {}), **_customer(row, added)}
            found["addresses"].append(_address(row, times[key], added))
        for row in sorted(consents, key=lambda row: row["occurred_at"]):
            key = row["customer_key"]
            if key in bodies:
                bodies[key] |= _flags(row)
                told = recorded_at(row["occurred_at"], period)
                times[key] = max(times.get(key, ""), told)
        found["customers"] += [Document(key, times[key], bodies[key]) for key in times]

    def _products(self, rows: list[Row]) -> dict[str, str]:
        """The shop's own number of every product named, new ones after those it has."""
        with self.store.open() as connection:
            known = connection.execute(
                "select json_extract(body, '$.reference'), key from documents "
                "where kind = 'products'"
            ).fetchall()
        numbers = dict(known)
        for key in sorted({row["product_key"] for row in rows if row["product_key"]}):
            numbers.setdefault(key, str(len(numbers) + 1))
        return numbers

    def _details(self, refunds: list[Row], orders: list[Document]) -> dict[tuple[str, str], str]:
        """(order, product) to the line of that order, for the orders that are refunded."""
        keys = list(dict.fromkeys(row["order_key"] for row in refunds))
        found = self.store.by_key("orders", keys) | {order.key: order for order in orders}
        return {
            (key, line["product_reference"]): str(line["id"])
            for key in keys
            if key in found
            for line in found[key].body["associations"]["order_rows"]
        }

    def _orders(
        self,
        found: Found,
        orders: list[Row],
        lines: list[Row],
        named: tuple[dict[str, str], dict[str, str]],
        period: Period,
    ) -> None:
        products, carts = named
        keys = list(dict.fromkeys(row["order_key"] for row in (*orders, *lines)))
        bodies = {key: one.body for key, one in self.store.by_key("orders", keys).items()}
        placed: dict[str, datetime] = {}
        for row in orders:
            key = row["order_key"]
            placed[key] = row["ordered_at"]
            cart = carts.get(key)
            bodies[key] = {"associations": {"order_rows": []}} | bodies.get(key, {}) | _order(row)
            bodies[key]["id_cart"] = cart or bodies[key].get("id_cart", "0")
        for row in lines:
            if row["order_key"] in bodies and row["line_kind"] == "sale":
                rows = bodies[row["order_key"]]["associations"]["order_rows"]
                line = _line(row, products)
                if line["id"] not in [one["id"] for one in rows]:
                    rows.append(line)
                found["order_details"].append(_detail(row, line))
        for key in keys:
            if key in bodies:
                changed = recorded_at(placed.get(key), period)
                found["orders"].append(Document(key, changed, bodies[key]))


_NO_FLAGS = {
    "newsletter": "0", "newsletter_date_add": NO_TIME, "optin": "0",
    "profiling_consent": "", "profiling_consent_date": NO_TIME,  # fields that a module adds
}  # fmt: skip


def _customer(row: Row, added: datetime) -> Row:
    return {
        "id": _id(row["customer_key"]),
        "email": row["email"] or "",
        "firstname": row["first_name"] or "",
        "lastname": row["last_name"] or "",
        "birthday": _day(row["birth_date"]),
        "is_guest": "1" if row.get("is_guest") else "0",
        "active": "1",
        "deleted": "0",
        "note": "test" if row["is_test"] else "",
        "loyalty_card": row["loyalty_card_key"] or "",  # a field that a module adds
        "date_add": local(added),
    }


def _address(row: Row, changed: str, added: datetime) -> Document:
    key = row["customer_key"]
    body = {
        "id": _id(key),
        "id_customer": key,
        "id_country": COUNTRIES.get(row["country"] or "", "0"),
        "address1": row["address_line"] or "",
        "postcode": row["postal_code"] or "",
        "city": row["city"] or "",
        "phone_mobile": row["phone"] or "",
        "deleted": "0",
        "date_add": local(added),
    }
    return Document(key, changed, body)


def _guests(orders: list[Row]) -> list[Row]:
    """The customers that guest checkouts make, a new one each time; the orders name them then."""
    guests = []
    for row in orders:
        if row["customer_key"] is None and row["email"]:
            row["customer_key"] = f"guest-{row['order_key']}"
            guest: Row = defaultdict(lambda: None)
            guest |= {"customer_key": row["customer_key"], "email": row["email"]}
            guest |= {"registered_at": row["ordered_at"], "is_guest": True}
            guests.append(guest)
    return guests


def _flags(row: Row) -> Row:
    """newsletter: e-mail of the shop itself; its date is that of the last yes."""
    is_yes = row["act"] in ("grant", "double_opt_in_confirmed")
    if row["purpose"] == "profiling":
        when = local(row["occurred_at"])
        return {"profiling_consent": "1" if is_yes else "0", "profiling_consent_date": when}
    if row["channel"] not in ("email", "all") or row["purpose"] not in ("marketing", "all"):
        return {}
    if not is_yes:
        return {"newsletter": "0"}
    return {"newsletter": "1", "newsletter_date_add": local(row["occurred_at"])}


def _order(row: Row) -> Row:
    total = _money(row["total_amount"])
    return {
        "id": _id(row["order_key"]),
        "id_customer": row["customer_key"] or "0",
        "id_currency": CURRENCIES[row["currency"] or "EUR"],
        "current_state": STATES[row["status"] or "completed"],
        "module": "ps_wirepayment",
        "payment": "Carte",
        "total_paid": total,
        "total_paid_tax_incl": total,
        "total_paid_real": total,
        "reference": row["order_key"],
        "date_add": local(row["ordered_at"]),
    }


def _line(row: Row, products: dict[str, str]) -> Row:
    quantity = row["quantity"] or Decimal(1)
    return {
        "id": _id(f"{row['order_key']}{row['line_number']:03d}"),
        "product_id": products.get(row["product_key"], "0"),
        "product_reference": row["product_key"] or "",
        "product_quantity": f"{quantity.normalize():f}",
        "unit_price_tax_incl": _money(row["net_amount"] / quantity),
    }


def _detail(row: Row, line: Row) -> Document:
    body = {**line, "id_order": row["order_key"], "date_add": local(row["ordered_at"])}
    return Document(str(line["id"]), iso(row["ordered_at"]), body)


def _cart(row: Row, products: dict[str, str], period: Period) -> Document:
    goods = {
        "id_product": products.get(row["product_key"], "0"),
        "quantity": str(row["item_count"] or 0),
    }
    body = {
        "id": _id(row["cart_key"]),
        "id_customer": row["customer_key"] or "0",
        "id_currency": CURRENCIES[row["currency"] or "EUR"],
        "date_add": local(row["created_at"]),
        "associations": {"cart_rows": [goods] if row["product_key"] else []},
    }
    changed = recorded_at(row["updated_at"] or row["created_at"], period)
    return Document(row["cart_key"], changed, body)


def _slip(row: Row, detail: str | None, period: Period) -> Document:
    """Goods that came back name their line; money alone names none."""
    amount = _money(row["amount"])
    details = []
    if row["refund_kind"] == "return" and detail is not None:
        details.append(
            {
                "id_order_detail": detail,
                "product_quantity": f"{(row['quantity'] or Decimal(1)).normalize():f}",
                "amount_tax_incl": amount,
            }
        )
    body = {
        "id": _id(row["refund_key"]),
        "id_customer": row["customer_key"] or "0",
        "id_order": row["order_key"],
        "amount": amount,
        "total_products_tax_incl": amount if details else _money(Decimal(0)),
        "partial": "1",
        "date_add": local(row["refunded_at"]),
        "associations": {"order_slip_details": details},
    }
    return Document(row["refund_key"], recorded_at(row["refunded_at"], period), body)


def local(moment: datetime) -> str:
    """A UTC time on the shop's clock, to the second, as the webservice writes it."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(ZoneInfo(TIME_ZONE)).strftime("%Y-%m-%d %H:%M:%S")


def _day(day: date | None) -> str:
    return day.isoformat() if day else NO_DAY


def _money(amount: Decimal | None) -> str:
    return f"{amount or Decimal(0):.6f}"


def _id(key: str) -> int | str:
    """A number where the key is one: that is how the webservice writes `id`, and only `id`."""
    return int(key) if key.isdigit() else key
