"""Records of PrestaShop's webservice as rows: lines of carts and of credit slips, times in UTC."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]

NO_TIME = "0000-00-00 00:00:00"


def local_text(moment: datetime, zone: ZoneInfo) -> str:
    """A UTC time (naive or aware) on the shop's clock, as its filters want it."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def utc_text(text: Any, zone: ZoneInfo) -> str | None:
    """A time of the shop's clock as ISO 8601 in UTC; None for none, or for what is no time.

    Of an hour that the clock shows twice the first is meant: a cursor may be early, never late.
    """
    if not isinstance(text, str) or not text or text == NO_TIME:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=zone).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def cart_lines(cart: Row) -> list[Row]:
    """What lies in a cart."""
    return _lines(cart, "cart_rows")


def slip_lines(slip: Row) -> list[Row]:
    """The lines of an order that a credit slip gives back."""
    return _lines(slip, "order_slip_details")


def pieces(cart: Row) -> int:
    """How many pieces lie in a cart; a quantity that is no number counts as none."""
    return sum(int(_amount(line.get("quantity"))) for line in cart_lines(cart))


def credit_rows(slip: Row, references: Mapping[str, str]) -> list[Row]:
    """A slip line by line, then the money beyond its lines: postage, a gesture.

    references: line of an order to the reference of its product. refund_id is the slip's own
    number when it is about one thing, else number and line.
    """
    rows = list(_goods(slip, references))
    given = _amount(slip.get("amount")) + _amount(slip.get("total_shipping_tax_incl"))
    rest = given - sum((_amount(row["amount"]) for row in rows), Decimal(0))
    if rest > 0:
        rows.append({"line": "rest", "kind": "refund", "amount": f"{rest:f}"})
    number = str(slip["id"])
    is_one = len(rows) == 1
    return [{**row, "refund_id": number if is_one else f"{number}-{row['line']}"} for row in rows]


def _goods(slip: Row, references: Mapping[str, str]) -> Iterator[Row]:
    for line in slip_lines(slip):
        number = str(line.get("id_order_detail"))
        yield {
            "line": number,
            "kind": "return",
            "reference": references.get(number),
            "quantity": line.get("product_quantity"),
            "amount": f"{_amount(line.get('amount_tax_incl')):f}",
        }


def _lines(record: Row, name: str) -> list[Row]:
    associations = record.get("associations")
    found = associations.get(name) if isinstance(associations, dict) else None
    return [line for line in found if isinstance(line, dict)] if isinstance(found, list) else []


def _amount(value: Any) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return Decimal(0)
