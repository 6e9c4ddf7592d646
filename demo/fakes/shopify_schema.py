"""Types of Shopify's Admin API as far as they are read, what a query of them costs, what it gives.

Costs as published (shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits): a scalar 0, an
object 1, a connection by its `first`; charged as asked for, given back down to what was found.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from demo.fakes.graphql import Field

SCALAR = ""
LARGEST_PAGE = 250
_CONNECTION = 2

# type → field → what it is: SCALAR, a type, "[type]" for a list, "type*" for a connection.
TYPES: Mapping[str, Mapping[str, str]] = {
    "QueryRoot": {
        "customers": "Customer*", "orders": "Order*", "abandonedCheckouts": "AbandonedCheckout*",
        "customersCount": "Count", "ordersCount": "Count", "abandonedCheckoutsCount": "Count",
        "order": "Order",
    },
    "Count": {"count": SCALAR, "precision": SCALAR},
    "PageInfo": {"hasNextPage": SCALAR, "endCursor": SCALAR},
    "Customer": {
        **dict.fromkeys(
            ["id", "legacyResourceId", "firstName", "lastName", "email", "phone", "createdAt",
             "updatedAt", "verifiedEmail", "tags", "state"], SCALAR,
        ),
        "defaultAddress": "MailingAddress", "metafield": "Metafield",
        "emailMarketingConsent": "CustomerEmailMarketingConsentState",
        "smsMarketingConsent": "CustomerSmsMarketingConsentState",
    },
    "MailingAddress": dict.fromkeys(["address1", "zip", "city", "countryCodeV2"], SCALAR),
    "Metafield": {"value": SCALAR, "updatedAt": SCALAR},
    "CustomerEmailMarketingConsentState": dict.fromkeys(
        ["marketingState", "marketingOptInLevel", "consentUpdatedAt"], SCALAR
    ),
    "CustomerSmsMarketingConsentState": dict.fromkeys(
        ["marketingState", "marketingOptInLevel", "consentUpdatedAt", "consentCollectedFrom"],
        SCALAR,
    ),
    "Order": {
        **dict.fromkeys(
            ["id", "legacyResourceId", "name", "email", "createdAt", "updatedAt", "cancelledAt",
             "test", "sourceName"], SCALAR,
        ),
        "customer": "Customer", "totalPriceSet": "MoneyBag", "currentTotalPriceSet": "MoneyBag",
        "totalRefundedSet": "MoneyBag", "lineItems": "LineItem*", "refunds": "[Refund]",
    },
    "LineItem": {
        "id": SCALAR, "sku": SCALAR, "name": SCALAR, "quantity": SCALAR,
        "originalTotalSet": "MoneyBag", "discountedTotalSet": "MoneyBag",
        "totalDiscountSet": "MoneyBag",
    },
    "Refund": {
        "id": SCALAR, "legacyResourceId": SCALAR, "createdAt": SCALAR, "note": SCALAR,
        "totalRefundedSet": "MoneyBag", "refundLineItems": "RefundLineItem*",
    },
    "RefundLineItem": {
        "id": SCALAR, "quantity": SCALAR, "restockType": SCALAR, "subtotalSet": "MoneyBag",
        "lineItem": "LineItem",
    },
    "AbandonedCheckout": {
        **dict.fromkeys(
            ["id", "name", "abandonedCheckoutUrl", "createdAt", "updatedAt", "completedAt"], SCALAR
        ),
        "customer": "Customer", "totalPriceSet": "MoneyBag",
        "lineItems": "AbandonedCheckoutLineItem*",
    },
    "AbandonedCheckoutLineItem": {
        "id": SCALAR, "sku": SCALAR, "quantity": SCALAR, "originalTotalPriceSet": "MoneyBag",
    },
    "MoneyBag": {"shopMoney": "MoneyV2", "presentmentMoney": "MoneyV2"},
    "MoneyV2": {"amount": SCALAR, "currencyCode": SCALAR},
}  # fmt: skip


class QueryProblem(ValueError):  # noqa: N818 - the caller's problem, not an error of ours
    """A query that the API refuses; code as the API names the kind of problem."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Answering:
    """Turns stored objects into what was selected, counting the points it really costs."""

    points: int = 0

    def object(self, body: Mapping[str, Any], name: str, fields: tuple[Field, ...]) -> Any:
        """The selected fields of one object of that type."""
        self.points += 1
        return {field.alias: self._value(body, name, field) for field in fields}

    def page(
        self, found: list[tuple[str, dict[str, Any]]], name: str, field: Field, *, has_next: bool
    ) -> dict[str, Any]:
        """A connection of these (cursor, object of that type), as far as it was selected."""
        self.points += _CONNECTION
        info = {"hasNextPage": has_next, "endCursor": found[-1][0] if found else None}
        shown: dict[str, Any] = {}
        for part in field.selections:
            if part.name == "nodes":
                shown[part.alias] = [self.object(one, name, part.selections) for _, one in found]
            else:
                shown[part.alias] = {one.alias: info[one.name] for one in part.selections}
        return shown

    def _value(self, body: Mapping[str, Any], name: str, field: Field) -> Any:
        kind = TYPES[name][field.name]
        if field.name == "metafield":
            return self._metafield(body, field)
        value = body.get(field.name)
        if kind == SCALAR:
            return value
        if kind.endswith("*"):
            return self._nested(value or [], kind[:-1], field)
        if kind.startswith("["):
            shown = (value or [])[: field.arguments.get("first")]
            return [self.object(one, kind[1:-1], field.selections) for one in shown]
        return None if value is None else self.object(value, kind, field.selections)

    def _metafield(self, body: Mapping[str, Any], field: Field) -> Any:
        named = f"{field.arguments.get('namespace')}.{field.arguments.get('key')}"
        value = body.get("metafields", {}).get(named)
        if value is None:
            return None
        content = value if isinstance(value, dict) else {"value": value}
        return self.object(content, "Metafield", field.selections)

    def _nested(self, nodes: list[dict[str, Any]], name: str, field: Field) -> dict[str, Any]:
        begins = opened(field.arguments.get("after"))
        ends = begins + field.arguments["first"]
        found = [(closed(begins + n + 1), node) for n, node in enumerate(nodes[begins:ends])]
        return self.page(found, name, field, has_next=ends < len(nodes))


def cost_of(fields: tuple[Field, ...], name: str = "QueryRoot") -> int:
    """Points asked for by these fields of that type. Raises QueryProblem for what is not there."""
    return sum(_cost_of_field(field, name) for field in fields)


def closed(number: int) -> str:
    """A cursor: opaque to its reader."""
    return base64.urlsafe_b64encode(f"n:{number}".encode()).decode()


def opened(cursor: str | None) -> int:
    """The number in a cursor; 0 without one. Raises QueryProblem."""
    if cursor is None:
        return 0
    try:
        mark, number = base64.urlsafe_b64decode(cursor).decode().split(":")
        if mark == "n":
            return int(number)
    except (ValueError, binascii.Error):
        pass
    raise QueryProblem("INVALID_CURSOR", "Invalid cursor for current pagination sort.")


def _cost_of_field(field: Field, name: str) -> int:
    kind = TYPES[name].get(field.name)
    if kind is None:
        raise QueryProblem("undefinedField", f"Field '{field.name}' doesn't exist on type '{name}'")
    if (kind == SCALAR) != (not field.selections):
        raise QueryProblem("selectionMismatch", f"Field '{field.name}' has the wrong selections")
    if kind == SCALAR:
        return 0
    if kind.endswith("*"):
        return _cost_of_connection(field, kind[:-1])
    if kind.startswith("["):
        return _size_of(field) * (1 + cost_of(field.selections, kind[1:-1]))
    return 1 + cost_of(field.selections, kind)


def _cost_of_connection(field: Field, name: str) -> int:
    size, each = _size_of(field), 0
    for part in field.selections:
        if part.name == "nodes":
            each += 1 + cost_of(part.selections, name)
        elif part.name == "pageInfo":
            cost_of(part.selections, "PageInfo")
        else:
            raise QueryProblem("undefinedField", f"Field '{part.name}' doesn't exist here")
    return _CONNECTION + size * each


def _size_of(field: Field) -> int:
    size = field.arguments.get("first")
    if not isinstance(size, int) or not 0 < size <= LARGEST_PAGE:
        raise QueryProblem("BAD_REQUEST", f"{field.name}: first must be from 1 to {LARGEST_PAGE}")
    return size
