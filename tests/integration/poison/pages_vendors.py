"""The connected APIs as the pages corpus asks them: small stores, small pages, one page spoilt."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pages_fake import closed, opened

from demo.fakes.answers import Answer, Request
from demo.fakes.brevo import Brevo
from demo.fakes.hubspot import Hubspot
from demo.fakes.matomo import Matomo
from demo.fakes.preferences import Preferences
from demo.fakes.prestashop import Prestashop
from demo.fakes.server import Fake
from demo.fakes.shopify import Plan, Shopify
from demo.fakes.support import Support
from demo.systems.documents import Document
from ingestion.http import Client
from ingestion.source import Source
from ingestion.sources import (
    brevo,
    hubspot,
    matomo,
    preferences,
    prestashop,
    shopify,
    support,
)

KEY = "a-make-believe-key"
RECORDS, PAGE = 14, 4
FIRST_KEY = 101
Body = dict[str, Any]


def at(number: int) -> str:
    """When record number n changed."""
    return f"2026-05-01T10:00:{number:02}.000Z"


@dataclass(frozen=True)
class Vendor:
    """One API. table: whose second page goes wrong; neighbour: one that must land all the same.

    items: the list of records in an answer's content; is_page: whether a request asks for a page
    of the table. text: a field with text. key, changed: what records are told apart by, and the
    time of their last change. counts: it says how many there are. ends: an answer without its
    word that more follows. busy: its own "too many requests".
    """

    source: Source
    fake: Callable[[Path], Fake]
    table: str
    kind: str
    body: Callable[[int], Body]
    items: Callable[[Any], list[Any]]
    is_page: Callable[[Request], bool]
    small: Callable[[Any], None]
    busy: Answer
    text: str
    key: str = "id"
    changed: str = ""
    neighbour: tuple[str, str] | None = None
    counts: bool = True
    ends: Callable[[Answer], Answer] | None = None
    parent: str = ""

    def document(self, number: int, **more: Any) -> Document:
        """Record number n, from 1."""
        key = str(FIRST_KEY + number - 1)
        return Document(key, at(number), self.body(number) | more, parent=self.parent)

    def fill(self, fake: Any) -> None:
        """Put RECORDS records into its store, and two beside them."""
        fake.store.put(self.kind, *(self.document(n) for n in range(1, RECORDS + 1)))
        if self.source is matomo.SOURCE:
            fake.store.put("sites", Document("1", at(0), {"ts_created": "2026-05-01 00:00:00"}))
        if self.neighbour:
            found = [Document(str(n), at(n), _neighbour(n)) for n in (1, 2)]
            fake.store.put(self.neighbour[1], *found)

    def reading(self, timeout_seconds: float) -> Source:
        """The source with the two tables, without the vendor's pauses."""
        names = {self.table, *([self.neighbour[0]] if self.neighbour else [])}
        tables = tuple(table for table in self.source.tables if table.name in names)

        def connect(settings: Mapping[str, str]) -> Any:
            reader = self.source.connect(settings)
            for client in vars(reader).values():
                if isinstance(client, Client):
                    client.manners = replace(client.manners, least_gap_seconds=0)
                    client._http.timeout = timeout_seconds
            return reader

        return replace(self.source, tables=tables, connect=connect)


def _neighbour(number: int) -> Body:
    shopify_parts = {"legacyResourceId": str(number), "lineItems": [], "refunds": []}
    return {"id": str(number), "properties": {}, "links": {}, "date_add": ""} | shopify_parts


def _clock() -> Callable[[], float]:
    return itertools.count(0, 1000).__next__  # every budget is full again at each look


def _graph(request: Request) -> bool:
    return b"{ customers(" in request.body


def _no_more(answer: Answer) -> Answer:
    headers = {name: text for name, text in answer.headers.items() if name != "x-next-after"}
    return replace(answer, headers=headers)


def _without(change: Callable[[Any], Any]) -> Callable[[Answer], Answer]:
    def ends(answer: Answer) -> Answer:
        content = opened(answer)
        change(content)
        return closed(answer, content)

    return ends


def _wait(header: str = "Retry-After", body: bytes = b"") -> Answer:
    return Answer(429, body, {header: "1"})


def _seconds(number: int) -> int:
    return int(datetime(2026, 5, 1, 10, 0, number, tzinfo=UTC).timestamp())


def _small_listing(monkeypatch: Any) -> None:
    listing = replace(shopify._LISTINGS["customers"], page=PAGE)
    monkeypatch.setitem(shopify._LISTINGS, "customers", listing)


def _pages_of(*modules: Any) -> Callable[[Any], None]:
    def small(monkeypatch: Any) -> None:
        for module in modules:
            monkeypatch.setattr(module, "_PAGE", PAGE)

    return small


VENDORS = {
    "support": Vendor(
        source=support.SOURCE,
        fake=lambda home: Support(home, KEY, _clock()),
        table="questions",
        kind="questions",
        body=lambda n: {
            "requester": {"customer_id": f"c{n}"}, "channel": "email", "topic": "delivery",
            "status": "open", "order_id": None, "asked_at": at(n), "answered_at": None,
        },
        items=lambda content: content["items"],
        is_page=lambda request: request.param("page_size") == str(PAGE),
        small=_pages_of(support),
        busy=_wait(),
        text="topic",
        changed="updated_at",
        ends=_without(lambda content: content.update(next_cursor=None)),
    ),
    "hubspot": Vendor(
        source=hubspot.SOURCE,
        fake=lambda home: Hubspot(home, KEY, _clock()),
        table="contacts",
        kind="contacts",
        body=lambda n: {"properties": {"email": f"p{n}@exemple.fr"}, "links": {}},
        items=lambda content: content["results"],
        is_page=lambda request: request.path == "/crm/v3/objects/contacts"
        and request.param("properties") != "",
        small=_pages_of(hubspot),
        busy=Answer(429, b'{"policyName": "SECONDLY", "status": "error"}'),
        text="createdAt",
        changed="updatedAt",
        neighbour=("companies", "companies"),
        ends=_without(lambda content: content.pop("paging")),
    ),
    "brevo": Vendor(
        source=brevo.SOURCE,
        fake=lambda home: Brevo(home, KEY, _clock()),
        table="contacts",
        kind="contacts",
        body=lambda n: {
            "email": f"p{n}@exemple.fr", "emailBlacklisted": False, "smsBlacklisted": False,
            "createdAt": at(n), "listIds": [], "attributes": {},
        },
        items=lambda content: content["contacts"],
        is_page=lambda request: request.param("limit") == str(PAGE),
        small=_pages_of(brevo),
        busy=_wait("x-sib-ratelimit-reset"),
        text="email",
        changed="modifiedAt",
    ),
    "matomo": Vendor(
        source=matomo.SOURCE,
        fake=lambda home: Matomo(home, KEY),
        table="visits",
        kind="visits",
        body=lambda n: {
            "visitorId": f"v{n}", "siteName": "shop", "actionDetails": [],
            "firstActionTimestamp": _seconds(n), "lastActionTimestamp": _seconds(n),
        },
        items=lambda content: content,
        is_page=lambda request: b"getLastVisitsDetails" in request.body,
        small=_pages_of(matomo),
        busy=_wait(),
        text="siteName",
        key="idVisit",
        counts=False,
        parent="1",
    ),
    "preferences": Vendor(
        source=preferences.SOURCE,
        fake=lambda home: Preferences(home, KEY, _clock()),
        table="consents",
        kind="consent",
        body=lambda n: {
            "id": str(FIRST_KEY + n - 1), "type": "consent", "at": at(n),
            "person": {"customer_key": f"c{n}"}, "choice": {"channel": "email"},
        },
        items=lambda content: content,
        is_page=lambda request: request.path.endswith("/consent")
        and request.param("limit") == str(PAGE),
        small=_pages_of(preferences),
        busy=_wait(),
        text="type",
        changed="recorded_at",
        neighbour=("choices", "preference"),
        ends=_no_more,
    ),
    "shopify": Vendor(
        source=shopify.SOURCE,
        fake=lambda home: Shopify(home, KEY, plan=Plan(100_000, 100_000)),
        table="customers",
        kind="customers",
        body=lambda n: {
            "id": f"gid://shopify/Customer/{FIRST_KEY + n - 1}",
            "legacyResourceId": str(FIRST_KEY + n - 1), "firstName": "P", "createdAt": at(n),
        },
        items=lambda content: content["data"]["customers"]["nodes"],
        is_page=_graph,
        small=_small_listing,
        busy=Answer(200, b'{"errors": [{"extensions": {"code": "THROTTLED"}}]}'),
        text="firstName",
        key="legacyResourceId",
        changed="updatedAt",
        neighbour=("orders", "orders"),
        ends=_without(
            lambda content: content["data"]["customers"]["pageInfo"].update(hasNextPage=False)
        ),
    ),
    "prestashop": Vendor(
        source=prestashop.SOURCE,
        fake=lambda home: Prestashop(home, KEY),
        table="customers",
        kind="customers",
        body=lambda n: {
            "id": FIRST_KEY + n - 1, "lastname": "P", "date_add": "2026-05-01 12:00:00",
        },
        items=lambda content: content["customers"],
        is_page=lambda request: request.path == "/api/customers"
        and request.param("display") == "full",
        small=_pages_of(prestashop),
        busy=_wait(),
        text="lastname",
        changed="date_upd",
        neighbour=("orders", "orders"),
        counts=False,
    ),
}  # fmt: skip


def settings_of(vendor: Vendor, url: str) -> dict[str, str]:
    """The settings with which the source finds the fake."""
    return {name: url if name.endswith("_url") else KEY for name in vendor.source.settings}


def pairs(names: tuple[str, ...]) -> Iterator[tuple[str, Vendor]]:
    """The vendors of those names; all without any."""
    return ((name, vendor) for name, vendor in VENDORS.items() if not names or name in names)
