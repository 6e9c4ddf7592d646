"""What the organic boutique keeps of a period, as Shopify's Admin API gives it.

A consent is a state of the customer, without a history; a guest who orders becomes a new customer
every time; goods are named by their SKU, which is the key of the company's catalogue.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from demo.systems.documents import Document, Documents, as_text, facts_of, recorded_at

if TYPE_CHECKING:
    from demo.world.facts import Facts, Period

SYSTEM = "shopify"
CUSTOMERS, ORDERS, CHECKOUTS = "customers", "orders", "abandonedCheckouts"
_CUSTOMER = {
    "email": "email", "phone": "phone", "firstName": "first_name", "lastName": "last_name",
    "verifiedEmail": "has_verified_email",
}  # fmt: skip
_METAFIELDS = {"custom.loyalty_card": "loyalty_card_key", "facts.birth_date": "birth_date"}
_CONSENTS = {"email": "emailMarketingConsent", "sms": "smsMarketingConsent"}
_STATES = {
    "grant": ("SUBSCRIBED", "SINGLE_OPT_IN"),
    "double_opt_in_asked": ("PENDING", "CONFIRMED_OPT_IN"),
    "double_opt_in_confirmed": ("SUBSCRIBED", "CONFIRMED_OPT_IN"),
}
_GONE = ("UNSUBSCRIBED", None)
_RESTOCKED, _NOT_RESTOCKED = "RETURN", "NO_RESTOCK"

Row = dict[str, Any]


class Shopify:
    """The boutique's records, in HOME/demo/systems/shopify.db."""

    def __init__(self, home: Path) -> None:
        self.store = Documents(home / "demo" / "systems" / "shopify.db")

    def record(self, facts: Facts, period: Period) -> None:
        """Keep what the boutique learnt in the period; one recorded before changes nothing."""
        if self.store.has(period):
            return
        orders = facts_of(facts, "orders", SYSTEM)
        lines = _by_order(facts_of(facts, "order_lines", SYSTEM))
        refunds = _by_order(facts_of(facts, "refunds", SYSTEM))
        people = [*facts_of(facts, "customers", SYSTEM), *_guests(orders)]
        consents = facts_of(facts, "consent_events", SYSTEM)
        self.store.record(
            period,
            {
                CUSTOMERS: self._customers(people, consents, period),
                ORDERS: self._orders(orders, lines, refunds, period),
                CHECKOUTS: [
                    _checkout(cart, period)
                    for cart in facts_of(facts, "carts", SYSTEM)
                    if cart["customer_key"] or cart["email"]  # a checkout begins with a contact
                ],
            },
        )

    def close(self) -> None:
        """Nothing stays open."""

    def _customers(self, people: list[Row], consents: list[Row], period: Period) -> list[Document]:
        keys = [row["customer_key"] for row in (*people, *consents) if row["customer_key"]]
        known = self.store.by_key(CUSTOMERS, list(dict.fromkeys(keys)))
        bodies = {key: document.body for key, document in known.items()}
        times: dict[str, str] = {}
        for row in people:
            key = row["customer_key"]
            times[key] = recorded_at(row["registered_at"] if key not in bodies else None, period)
            body, known_fields = (
                _customer(row, times[key]),
                bodies.get(key, {}).get("metafields", {}),
            )
            body["metafields"] = known_fields | body["metafields"]
            bodies[key] = {**bodies.get(key, {}), **body}
        for row in sorted(consents, key=lambda row: row["occurred_at"]):
            key = row["customer_key"]
            if key in bodies:  # of an address that is nobody's customer the boutique keeps nothing
                bodies[key] |= _consent_states(row)
                bodies[key]["metafields"] |= _profiling(row)
                told = recorded_at(row["occurred_at"], period)
                times[key] = max(times.get(key, ""), told)
        return [Document(key, times[key], bodies[key]) for key in times]

    def _orders(
        self,
        orders: list[Row],
        lines: dict[str, list[Row]],
        refunds: dict[str, list[Row]],
        period: Period,
    ) -> list[Document]:
        keys = list(dict.fromkeys([*(row["order_key"] for row in orders), *lines, *refunds]))
        bodies = {key: found.body for key, found in self.store.by_key(ORDERS, keys).items()}
        placed = {row["order_key"]: row["ordered_at"] for row in orders}
        for row in orders:
            bodies[row["order_key"]] = {**bodies.get(row["order_key"], {}), **_order(row)}
        documents = []
        for key in keys:
            if key not in bodies:  # a line or a refund of an order that was never placed here
                continue
            body = bodies[key]
            body["lineItems"] = _added(body.get("lineItems", []), map(_line, lines.get(key, [])))
            money_back = [_refund(row, body["lineItems"]) for row in refunds.get(key, [])]
            body["refunds"] = _added(body.get("refunds", []), money_back)
            moments = [row["refunded_at"] for row in refunds.get(key, [])]
            moments += [placed[key]] if key in placed else []
            documents.append(Document(key, recorded_at(max(moments, default=None), period), body))
        return documents


def _customer(row: Row, recorded: str) -> Row:
    body = {name: row[fact] for name, fact in _CUSTOMER.items()}
    key = row["customer_key"]
    address = {
        "address1": row["address_line"], "zip": row["postal_code"], "city": row["city"],
        "countryCodeV2": row["country"],
    }  # fmt: skip
    return body | {
        "id": f"gid://shopify/Customer/{key}",
        "legacyResourceId": key,
        "createdAt": as_text(row["registered_at"]) or recorded,
        "tags": ["test"] if row["is_test"] else [],
        "defaultAddress": address if any(address.values()) else None,
        "metafields": {
            name: as_text(row[fact]) for name, fact in _METAFIELDS.items() if row[fact] is not None
        },
    }


def _guests(orders: list[Row]) -> list[Row]:
    """The customers that guest checkouts make, a new one each time; the orders name them then."""
    guests = []
    for row in orders:
        if row["customer_key"] is None and row["email"]:
            row["customer_key"] = f"guest-{row['order_key']}"
            blank = dict.fromkeys([*_CUSTOMER.values(), *_METAFIELDS.values(), "is_test"])
            blank |= dict.fromkeys(["address_line", "postal_code", "city", "country"])
            guests.append(
                blank
                | {"customer_key": row["customer_key"], "email": row["email"]}
                | {"registered_at": row["ordered_at"]}
            )
    return guests


def _consent_states(row: Row) -> Row:
    """What the act changes of the customer; a box left empty at checkout changes nothing."""
    if row["purpose"] not in ("marketing", "all") or row["act"] == "refuse":
        return {}
    state, level = _STATES.get(row["act"], _GONE)
    channels = [name for name in _CONSENTS if row["channel"] in (name, "all")]
    content = {
        "marketingState": state,
        "marketingOptInLevel": level,
        "consentUpdatedAt": as_text(row["occurred_at"]),
        "consentCollectedFrom": "SHOPIFY",
    }
    return {_CONSENTS[channel]: content for channel in channels}


def _profiling(row: Row) -> Row:
    """The shop's own field, which says yes or no and when."""
    if row["purpose"] not in ("profiling", "all"):
        return {}
    is_yes = row["act"] in ("grant", "double_opt_in_confirmed")
    value = {"value": "granted" if is_yes else "refused", "updatedAt": as_text(row["occurred_at"])}
    return {"custom.profiling_consent": value}


def _order(row: Row) -> Row:
    key, customer = row["order_key"], row["customer_key"]
    placed = as_text(row["ordered_at"])
    return {
        "id": f"gid://shopify/Order/{key}",
        "legacyResourceId": key,
        "name": f"#{key}",
        "email": row["email"],
        "createdAt": placed,
        "cancelledAt": placed if row["status"] == "cancelled" else None,
        "test": row["status"] == "test",
        "sourceName": row["channel"] or "web",
        "customer": customer
        and {"id": f"gid://shopify/Customer/{customer}", "legacyResourceId": customer},
        "totalPriceSet": _money(row["total_amount"], row["currency"]),
    }


def _line(row: Row) -> Row:
    money = row["net_amount"]
    discount, coupon = row["retail_discount_amount"], row["coupon_match_discount_amount"]
    return {
        "id": f"gid://shopify/LineItem/{row['order_key']}-{row['line_number']}",
        "sku": row["product_key"],
        "quantity": _number(row["quantity"]),
        "discountedTotalSet": _money(money, row["currency"]),
        "originalTotalSet": _money(money + (discount or 0) + (coupon or 0), row["currency"]),
        "totalDiscountSet": _money(discount, row["currency"]),
    }


def _refund(row: Row, lines: list[Row]) -> Row:
    key = row["refund_key"]
    of_product = [line for line in lines if line["sku"] == row["product_key"]]
    named = of_product[0] if of_product else {"id": None, "sku": row["product_key"]}
    restock = _RESTOCKED if row["refund_kind"] == "return" else _NOT_RESTOCKED
    amount = _money(row["amount"], row["currency"])
    goods = {
        "id": f"gid://shopify/RefundLineItem/{key}", "quantity": _number(row["quantity"]),
        "restockType": restock, "subtotalSet": amount, "lineItem": named,
    }  # fmt: skip
    return {
        "id": f"gid://shopify/Refund/{key}",
        "legacyResourceId": key,
        "createdAt": as_text(row["refunded_at"]),
        "note": row["reason"],
        "totalRefundedSet": amount,
        "refundLineItems": [goods] if row["product_key"] else [],
    }


def _checkout(row: Row, period: Period) -> Document:
    key, customer = row["cart_key"], row["customer_key"]
    changed = row["updated_at"] or row["created_at"]
    body = {
        "id": f"gid://shopify/AbandonedCheckout/{key}",
        "name": f"#{key}",
        "abandonedCheckoutUrl": row["cart_url"],
        "createdAt": as_text(row["created_at"]),
        "completedAt": as_text(changed) if row["status"] == "converted" else None,
        "customer": {
            "id": f"gid://shopify/Customer/{customer or key}",
            "legacyResourceId": customer,
            "email": row["email"],
        },
        "totalPriceSet": _money(row["total_amount"], row["currency"]),
        "lineItems": [
            {
                "id": f"gid://shopify/AbandonedCheckoutLineItem/{key}-1",
                "sku": row["product_key"],
                "quantity": row["item_count"],
                "originalTotalPriceSet": _money(row["total_amount"], row["currency"]),
            }
        ],
    }
    return Document(key, recorded_at(changed, period), body)


def _money(amount: Any, currency: str | None) -> Row | None:
    if amount is None:
        return None
    money = {"amount": as_text(amount), "currencyCode": currency or "EUR"}
    return {"shopMoney": money, "presentmentMoney": money}


def _number(quantity: Any) -> int | float | None:
    if quantity is None:
        return None
    return int(quantity) if quantity == int(quantity) else float(quantity)


def _added(found: list[Row], new: Iterable[Row]) -> list[Row]:
    """The objects by id, a later one in place of an earlier one."""
    return list(({one["id"]: one for one in found} | {one["id"]: one for one in new}).values())


def _by_order(rows: list[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["order_key"]].append(row)
    return found
