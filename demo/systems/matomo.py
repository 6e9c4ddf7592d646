"""The visits that the web analytics tool tracked, one site per host, a new visit after 30 minutes.

Like the real tool it begins a new visit at midnight, too, and keeps whole seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from demo.systems.documents import Document, Documents, facts_of, iso

if TYPE_CHECKING:
    from demo.world.facts import Facts, Period

SYSTEM = "matomo"
_SILENCE = timedelta(minutes=30)
# Custom dimensions of the sites: what the tool has no field for, by action and by visit.
ACTION_DIMENSIONS = {
    1: "content_key", 2: "content_kind", 3: "topic", 4: "cart_key", 5: "message_key",
    6: "coupon_key", 7: "click_id", 8: "utm_source", 9: "utm_medium", 10: "utm_campaign",
}  # fmt: skip
VISIT_DIMENSIONS = {11: "user_agent", 12: "is_bot"}
_KIOSK = "dimension13"  # said by the site: a terminal in a store is a tablet for the tool
_DEVICES = {"mobile": "Smartphone", "desktop": "Desktop", "tablet": "Tablet", "kiosk": "Tablet"}
_PLAIN = {"page_view", "product_view", "content_view"}
Row = dict[str, Any]


class Matomo:
    """The tool's sites and visits, in HOME/demo/systems/matomo.db."""

    def __init__(self, home: Path) -> None:
        self.store = Documents(home / "demo" / "systems" / "matomo.db")

    def record(self, facts: Facts, period: Period) -> None:
        """Keep the visits of the period; a period recorded before changes nothing."""
        if self.store.has(period):
            return
        sites = {site.body["main_url"]: site for site in self.store.after("sites", 0, 1000)}
        rows = facts_of(facts, "web_events", SYSTEM)
        for row in sorted(rows, key=lambda row: (row["occurred_at"], row["web_event_key"])):
            host = _host(row)
            if host not in sites:
                sites[host] = _site(str(len(sites) + 1), host, row["occurred_at"])
        number = self.store.count("visits")
        visits = []
        for actions in _visits(rows):
            number += 1
            site = sites[_host(actions[0])].key
            visits.append(_visit(str(number), site, actions))
        self.store.record(period, {"sites": list(sites.values()), "visits": visits})

    def close(self) -> None:
        """Nothing stays open."""


def _visits(rows: list[Row]) -> Iterator[list[Row]]:
    """The events of one visitor on one site and day, without half an hour of silence."""
    visit: list[Row] = []
    ordered = sorted(rows, key=lambda row: (*_visitor(row), row["occurred_at"]))
    for row in ordered:
        if visit and not _goes_on(visit[-1], row):
            yield visit
            visit = []
        visit.append(row)
    if visit:
        yield visit


def _visitor(row: Row) -> tuple[str, str, str, str]:
    agent = row["user_agent"] or ""
    return row["anonymous_id"] or "", row["customer_key"] or "", agent, _host(row)


def _goes_on(last: Row, row: Row) -> bool:
    at, before = row["occurred_at"], last["occurred_at"]
    is_same = _visitor(last) == _visitor(row) and bool(last["is_bot"]) == bool(row["is_bot"])
    is_same = is_same and (last["device"], last["referrer_url"]) == (
        row["device"],
        row["referrer_url"] or last["referrer_url"],
    )
    return is_same and at.date() == before.date() and at - before <= _SILENCE


def _host(row: Row) -> str:
    return urlsplit(row["page_url"] or "").hostname or "unknown"


def _site(number: str, host: str, since: datetime) -> Document:
    body = {"name": host, "main_url": host, "ts_created": iso(since), "timezone": "UTC"}
    return Document(number, iso(since), body)


def _visit(number: str, site: str, rows: list[Row]) -> Document:
    first, last = rows[0], rows[-1]
    body = {
        "visitorId": first["anonymous_id"],
        "userId": first["customer_key"],
        "deviceType": _DEVICES.get(first["device"] or ""),
        "referrerUrl": first["referrer_url"],
        "firstActionTimestamp": _seconds(first),
        "lastActionTimestamp": _seconds(last),
        "actionDetails": [_action(row, position) for position, row in enumerate(rows, start=1)],
    }
    body[_KIOSK] = "1" if first["device"] == "kiosk" else None
    body |= {f"dimension{n}": _dimension(first[of]) for n, of in VISIT_DIMENSIONS.items()}
    # By its first action: the tool finds visits by the day on which they began.
    return Document(number, iso(first["occurred_at"]), body, parent=site)


def _action(row: Row, position: int) -> dict[str, Any]:
    told: dict[str, Any] = {
        "type": "action",
        "url": row["page_url"],
        "pageId": row["web_event_key"],
        "pageviewPosition": str(position),
        "timestamp": _seconds(row),
    }
    kind = row["event_type"]
    if kind == "order":  # what the tool keeps of an order knows no page
        return {"type": "ecommerceOrder", "orderId": row["order_key"], "timestamp": _seconds(row)}
    if kind == "search":
        told |= {"type": "search", "siteSearchKeyword": row["search_text"]}
    elif kind not in _PLAIN:
        share = row["watched_share"]
        told |= {"type": "event", "eventCategory": "shop", "eventAction": kind}
        told |= {
            "eventName": row["product_key"],
            "eventValue": None if share is None else str(share),
        }
    if kind in _PLAIN and row["product_key"]:
        told["productViewSku"] = row["product_key"]
    dimensions = {f"dimension{n}": row[of] for n, of in ACTION_DIMENSIONS.items() if row[of]}
    return {name: value for name, value in told.items() if value is not None} | dimensions


def _dimension(value: Any) -> str | None:
    return ("1" if value else None) if isinstance(value, bool) else value


def _seconds(row: Row) -> int:
    moment: datetime = row["occurred_at"]
    return int(moment.replace(tzinfo=UTC).timestamp())
