"""PrestaShop's webservice as far as it is read.

Looked up, not guessed:
* the key is the user of HTTP Basic, the password is empty: devdocs.prestashop-project.org/8/
  webservice/tutorials/testing-access; XML unless output_format=JSON: PrestaShop/docs
  webservice/cheat-sheet.md;
* display, filter ([a|b], [a,b], [x]), sort, limit=offset,count: PrestaShop/docs
  webservice/tutorials/advanced-use/additional-list-parameters.md; >[x]: PrestaShop/docs#405;
* filters on dates need date=1, and an interval loses its last day, because it ends at that day's
  midnight: PrestaShop/PrestaShop#10822;
* an empty list is [] in JSON, not an object: PrestaShop/PrestaShop#10172 and #22760;
* fields: PrestaShop/docs webservice/resources/{customers,orders,carts,order_slip}.md; the list of
  order_slip is called order_slips (PrestaShop classes/order/OrderSlip.php, webserviceParameters).
There is no limit of requests; the host ends a script that runs too long, so a large page is a 504.
`id` is a number in JSON, every other value a text.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from demo.fakes.answers import Answer, Request, json_answer
from demo.fakes.server import Fake, Route
from demo.systems.documents import Documents, iso
from demo.systems.prestashop import COUNTRIES, CURRENCIES, TIME_ZONE, local

MOST_ROWS = 500
_LIST_NAMES = {"order_slip": "order_slips"}
_STORED = {"customers", "addresses", "orders", "order_details", "order_slip", "carts", "products"}
_FIXED = {
    "currencies": [{"id": int(key), "iso_code": code} for code, key in CURRENCIES.items()],
    "countries": [{"id": int(key), "iso_code": code} for code, key in COUNTRIES.items()],
    "configurations": [{"id": 1, "name": "PS_TIMEZONE", "value": TIME_ZONE}],
}
_KNOWN = {"output_format", "display", "date", "sort", "limit"}
_FILTER = re.compile(r"filter\[(\w+)\]")
_VALUE = re.compile(r"([<>]?)\[([^\]]*)\]")
_DATES = ("date_add", "date_upd")
_XML = b'<?xml version="1.0" encoding="UTF-8"?>\n<prestashop xmlns:xlink="x"></prestashop>'


class Prestashop(Fake):
    """One shop over the store that demo.systems.prestashop fills."""

    def __init__(self, home: Path, key: str) -> None:
        super().__init__()
        self.store = Documents(home / "demo" / "systems" / "prestashop.db")
        self._key = key

    def routes(self) -> list[Route]:
        """One list per resource."""
        return [Route("GET", "/api/([a-z_]+)/?", self._list)]

    def is_authorised(self, request: Request) -> bool:
        """Whether the user is our key, with an empty password."""
        wanted = "Basic " + base64.b64encode(f"{self._key}:".encode()).decode()
        return hmac.compare_digest(
            request.headers.get("authorization", "").encode(), wanted.encode()
        )

    def refusal(self, status: int, request: Request) -> Answer:
        """An error as the webservice writes it; without a key not even that."""
        if status == 401:  # noqa: PLR2004
            realm = 'Basic realm="Welcome to PrestaShop Webservice, please enter the key as login"'
            headers = {"www-authenticate": realm}
            return Answer(401, b"401 Unauthorized", headers, content_type="text/html")
        return _error(status, 1, "Resource of the request is not available or wrongly asked for")

    def _list(self, request: Request, resource: str) -> Answer:
        if resource not in _STORED and resource not in _FIXED:
            return self.refusal(404, request)
        if request.param("output_format").upper() != "JSON":
            return Answer(200, _XML, content_type="text/xml; charset=utf-8")
        unknown = [
            name for name in request.query if name not in _KNOWN and not _FILTER.fullmatch(name)
        ]
        is_undated = request.param("date") != "1"
        if unknown or (is_undated and any(f"filter[{name}]" in request.query for name in _DATES)):
            return _error(400, 32, "This filter does not exist for this linked table")
        offset, count = _limit(request.param("limit"))
        if count is None or count > MOST_ROWS:
            return Answer(504, b"<html><h1>Gateway Time-out</h1></html>", content_type="text/html")
        rows = self._rows(request, resource, (offset, count))
        shown = [_shown(row, request.param("display")) for row in rows]
        return json_answer({_LIST_NAMES.get(resource, resource): shown} if shown else [])

    def _rows(self, request: Request, resource: str, part: tuple[int, int]) -> list[dict[str, Any]]:
        filters = {
            name.removeprefix("filter[").removesuffix("]"): written[0]
            for name, written in request.query.items()
            if _FILTER.fullmatch(name)
        }
        offset, count = part
        if resource in _FIXED:
            rows = [row for row in _FIXED[resource] if _is_meant(row, filters)]
            return rows[offset : offset + count]
        conditions, values = ["kind = ?"], [resource]
        for name, written in filters.items():
            condition, bound = _condition(name, written)
            conditions.append(condition)
            values += bound
        order = "length(key), key"
        if request.param("sort") not in ("[id_ASC]", ""):
            order = {"[date_upd_ASC]": "changed_at, number"}[request.param("sort")]
        with self.store.open() as connection:
            selected = connection.execute(
                "select body, changed_at from documents "
                f"where {' and '.join(conditions)} order by {order} limit ? offset ?",
                (*values, count, offset),
            ).fetchall()
        return [
            {**json.loads(body), "date_upd": local(datetime.fromisoformat(changed))}
            if changed
            else json.loads(body)
            for body, changed in selected
        ]


def _condition(name: str, written: str) -> tuple[str, list[str]]:
    """SQL of one filter, with its values. Raises ValueError."""
    found = _VALUE.fullmatch(written)
    if found is None:
        raise ValueError(name)
    sign, content = found.groups()
    if name == "date_upd":
        return _changed(sign, content)
    if name == "id" and sign:
        return f"(length(key), key) {sign} (length(?), ?)", [content, content]
    column = "key" if name == "id" else f"json_extract(body, '$.{name}')"
    if sign or "," in content:
        raise ValueError(name)
    values = content.split("|")
    return f"{column} in ({', '.join('?' * len(values))})", values


def _changed(sign: str, content: str) -> tuple[str, list[str]]:
    if sign:
        return f"changed_at {sign} ?", [_utc(content)]
    begins, ends = content.split(",")
    return "changed_at between ? and ?", [_utc(begins), _utc(ends)]


def _utc(text: str) -> str:
    """A time on the shop's clock as the store writes it; a day alone is its midnight."""
    moment = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(TIME_ZONE))
    return iso(moment.astimezone(UTC).replace(tzinfo=None))


def _is_meant(row: dict[str, Any], filters: dict[str, str]) -> bool:
    return all(
        str(row.get(name)) in written.strip("[]").split("|") for name, written in filters.items()
    )


def _limit(text: str) -> tuple[int, int | None]:
    if not text:
        return 0, None
    offset, _, count = text.rpartition(",")
    return int(offset or 0), int(count)


def _shown(row: dict[str, Any], display: str) -> dict[str, Any]:
    """The whole row, the fields named, or the id alone. Raises KeyError for another field."""
    if display == "full":
        return row
    names = display.strip("[]").split(",") if display else ["id"]
    return {name: row[name] for name in names}


def _error(status: int, code: int, message: str) -> Answer:
    return json_answer({"errors": [{"code": code, "message": message}]}, status)
