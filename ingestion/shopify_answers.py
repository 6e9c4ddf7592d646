"""What an answer of Shopify's Admin API says: its costs, its errors, its objects as flat rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import Any, NamedTuple

from ingestion.http import Reply

Row = dict[str, Any]

_UNKNOWN_WAIT_SECONDS = 2.0
_THROTTLED = "THROTTLED"


class Cost(NamedTuple):
    """Points that a question asked for, points left in the budget, points that come a second."""

    asked: float
    left: float
    per_second: float


def cost_of(answer: Row) -> Cost | None:
    """What the answer says of the budget, None when it says nothing that can be used."""
    try:
        cost = answer["extensions"]["cost"]
        status = cost["throttleStatus"]
        found = Cost(
            float(cost["requestedQueryCost"]),
            float(status["currentlyAvailable"]),
            float(status["restoreRate"]),
        )
    except (KeyError, TypeError, ValueError):
        return None
    return found if found.per_second > 0 else None


def error_codes(answer: Row) -> set[str]:
    """The codes of its errors; a message may hold somebody's data, so it is never shown."""
    errors = answer.get("errors")
    if not errors:
        return set()
    if not isinstance(errors, list):
        return {"an error"}
    return {_code(error) for error in errors}


def throttled(reply: Reply) -> float | None:
    """Seconds until the budget holds what was asked for, when the answer is that it does not.

    Its status is 200 or 429.
    """
    if _THROTTLED.encode() not in reply.body and reply.status != HTTPStatus.TOO_MANY_REQUESTS:
        return None
    try:
        answer = json.loads(reply.body)
        is_throttled = _THROTTLED in error_codes(answer)
    except (ValueError, AttributeError, RecursionError):
        return None
    if not is_throttled:
        return None
    cost = cost_of(answer)
    if cost is None:
        return _UNKNOWN_WAIT_SECONDS
    return max(0.0, (cost.asked - cost.left) / cost.per_second)


def search(begins: datetime | None, ends: datetime | None) -> str:
    """The search for what changed from `begins` on and before `ends`; naive times are UTC."""
    terms = []
    if begins is not None:
        terms.append(f"updated_at:>='{_moment(begins)}'")
    if ends is not None:
        terms.append(f"updated_at:<'{_moment(ends)}'")
    return " AND ".join(terms)


def are_whole(refunds: list[Row], asked: int) -> bool:
    """Whether an order cannot have more refunds, nor a refund more lines, than are here."""
    return len(refunds) < asked and not any(
        refund["refundLineItems"]["pageInfo"]["hasNextPage"] for refund in refunds
    )


def line_row(line: Row) -> Row:
    """A line with the discount that codes gave: what is neither paid nor the line's own discount.

    codeDiscount is None when the line does not say all three.
    """
    sets = ("originalTotalSet", "discountedTotalSet", "totalDiscountSet")
    if any(not line.get(name) for name in sets):
        return {**line, "codeDiscount": None}
    before, paid, own = (_money(line[name])[0] for name in sets)
    return {**line, "codeDiscount": f"{max(before - paid - own, Decimal(0)):f}"}


def refund_rows(refund: Row) -> Iterator[Row]:
    """One row per line given back, and one for the money beyond them: postage, a gesture."""
    total, currency = _money(refund.get("totalRefundedSet"))
    rest = total
    shared = {"note": refund.get("note"), "createdAt": refund["createdAt"]}
    for line in refund["refundLineItems"]["nodes"]:
        amount, currency = _money(line.get("subtotalSet"))
        rest -= amount
        yield shared | {
            "refund_line_id": tail(line["id"]),
            "sku": (line.get("lineItem") or {}).get("sku"),
            "quantity": line.get("quantity"),
            "kind": "return" if line.get("restockType") == "RETURN" else "refund",
            "amount": f"{amount:f}",
            "currency": currency,
        }
    if rest > 0:
        yield shared | {
            "refund_line_id": refund["legacyResourceId"],
            "sku": None,
            "quantity": None,
            "kind": "refund",
            "amount": f"{rest:f}",
            "currency": currency,
        }


def checkout_row(checkout: Row) -> Row:
    """A checkout with its number, its pieces and the SKU of its dearest goods.

    pieces is None when the checkout has more lines than were asked for.
    """
    lines = checkout["lineItems"]["nodes"]
    is_whole = not checkout["lineItems"]["pageInfo"]["hasNextPage"]
    dearest: Row = max(lines, key=_unit_price, default={})
    return {
        **checkout,
        "checkout_id": tail(checkout["id"]),
        "pieces": sum(line["quantity"] or 0 for line in lines) if is_whole else None,
        "dearest_sku": dearest.get("sku"),
    }


def tail(global_id: str) -> str:
    """The number at the end of a global id (gid://shopify/Order/123)."""
    return global_id.rsplit("/", 1)[-1]


def _unit_price(line: Row) -> Decimal:
    return _money(line.get("originalTotalPriceSet"))[0] / (line.get("quantity") or 1)


def _money(bag: Row | None) -> tuple[Decimal, str | None]:
    """(amount, currency) of a money set in the shop's currency; nothing is 0."""
    money = (bag or {}).get("shopMoney") or {}
    try:
        return Decimal(str(money.get("amount", 0))), money.get("currencyCode")
    except InvalidOperation:
        return Decimal(0), money.get("currencyCode")


def _code(error: Any) -> str:
    extensions = error.get("extensions") if isinstance(error, dict) else None
    code = extensions.get("code") if isinstance(extensions, dict) else None
    return str(code) if code else "an error without a code"


def _moment(moment: datetime) -> str:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
