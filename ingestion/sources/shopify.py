"""Shopify, Admin API in GraphQL: customers with their consent states, orders, abandoned checkouts.

A listing ends at 25,000 objects, so what changed since is cut into windows of time that hold fewer.
Every answer says how much of the budget of points is left: the next question waits until there is
enough. A page whose question would cost too much is asked for in smaller pieces.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ingestion.http import Client, Manners, Trail
from ingestion.records import records
from ingestion.shopify_answers import (
    are_whole,
    checkout_row,
    cost_of,
    error_codes,
    line_row,
    refund_rows,
    search,
    throttled,
)
from ingestion.source import Source, SourceTable

if TYPE_CHECKING:
    import pyarrow as pa

Row = dict[str, Any]

_PATH = "admin/api/2026-07/graphql.json"
_MOST_OBJECTS = 25_000
_MOST_POINTS = 1000.0
_FIRST_MOMENT = datetime(2004, 1, 1, tzinfo=UTC)  # there was no shop before
_SMALLEST_WINDOW = timedelta(seconds=1)
_LINES_PAGE = 100
_FIRST_REFUNDS = 3
_MORE_REFUNDS = ((3, 70), (20, 10))  # refunds of an order and lines of each, in 1,000 points
_MONEY = "{ shopMoney { amount currencyCode } }"
_CONSENT = "{ marketingState marketingOptInLevel consentUpdatedAt }"
_LINE = (
    f"id sku quantity originalTotalSet {_MONEY} totalDiscountSet {_MONEY} "
    f"discountedTotalSet(withCodeDiscounts: true) {_MONEY}"
)
_REFUND = f"legacyResourceId createdAt note totalRefundedSet {_MONEY}"
_REFUNDED = f"id quantity restockType subtotalSet {_MONEY} lineItem {{ sku }}"


@dataclass(frozen=True)
class _Listing:
    """How one table is asked for: name of the query, fields of an object, objects a page."""

    query: str
    fields: str
    page: int


_LISTINGS = {
    "customers": _Listing(
        "customers",
        f"""id legacyResourceId firstName lastName email phone createdAt updatedAt
        verifiedEmail tags defaultAddress {{ address1 zip city countryCodeV2 }}
        loyaltyCard: metafield(namespace: "custom", key: "loyalty_card") {{ value }}
        birthDate: metafield(namespace: "facts", key: "birth_date") {{ value }}
        profiling: metafield(namespace: "custom", key: "profiling_consent") {{ value updatedAt }}
        emailMarketingConsent {_CONSENT} smsMarketingConsent {_CONSENT}""",
        140,  # pages as large as a question of 1,000 points can ask for
    ),
    "orders": _Listing(
        "orders",
        f"""id legacyResourceId name email createdAt updatedAt cancelledAt test sourceName
        customer {{ legacyResourceId }} totalPriceSet {_MONEY}
        lineItems(first: 6) {{ nodes {{ {_LINE} }} pageInfo {{ hasNextPage endCursor }} }}
        refunds(first: 3) {{ {_REFUND}
            refundLineItems(first: 3) {{ nodes {{ {_REFUNDED} }} pageInfo {{ hasNextPage }} }}
        }}""",
        10,
    ),
    "checkouts": _Listing(
        "abandonedCheckouts",
        f"""id abandonedCheckoutUrl createdAt updatedAt completedAt
        customer {{ legacyResourceId email }} totalPriceSet {_MONEY}
        lineItems(first: 20) {{
            nodes {{ sku quantity originalTotalPriceSet {_MONEY} }} pageInfo {{ hasNextPage }}
        }}""",
        15,
    ),
}


class _Asking:
    """Asks questions within the budget of points that the shop's plan gives."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self.client = Client(
            "shopify",
            settings["shopify_url"],
            headers={"X-Shopify-Access-Token": settings["shopify_token"]},
            manners=Manners(throttled=throttled),
        )
        self._left, self._per_second, self._at = float("inf"), 1.0, 0.0
        # What a listing costs is not known before the first: then as much as a question may.
        self._costs = {listing.query: _MOST_POINTS for listing in _LISTINGS.values()}

    def ask(self, name: str, query: str, variables: Row) -> Row | None:
        """What `data` holds; None when the question costs more than one may. name: for errors.

        Raises SourceUnavailable, also when a part of the data comes with errors: half an answer
        is none.
        """
        self._wait_for(self._costs.get(name, 0.0))
        content = {"query": query, "variables": variables}
        answer = self.client.post_json(_PATH, content=content)
        if not isinstance(answer, dict):
            self.client.fail(f"{name}: an answer that is no object")
        self._note(name, answer)
        codes = error_codes(answer)
        if "MAX_COST_EXCEEDED" in codes:
            return None
        data = answer.get("data")
        if codes or not isinstance(data, dict):
            self.client.fail(f"{name}: refused with {', '.join(sorted(codes)) or 'no data'}")
        return data

    def _note(self, name: str, answer: Row) -> None:
        cost = cost_of(answer)
        if cost is not None:
            self._costs[name], self._left, self._per_second = cost
            self._at = time.monotonic()

    def _wait_for(self, cost: float) -> None:
        left = self._left + (time.monotonic() - self._at) * self._per_second
        if left < cost:
            self.client.pause((cost - left) / self._per_second)


class _Reader:
    """Reads one shop."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._asking = _Asking(settings)
        self._client = self._asking.client

    def pages(self, table: SourceTable, since: datetime | None) -> Iterator[list[Row]]:
        """Objects changed since, with their lines; at most 140 a page."""
        listing = _LISTINGS[table.name]
        for window in self._windows(listing, since, None):
            for nodes in self._listed(listing, window):
                yield [self._completed(table.name, node) for node in nodes]

    def count(self, table: SourceTable, since: datetime | None) -> int | None:
        """How many objects the shop says have changed since; None when it does not count so far."""
        return self._counted(_LISTINGS[table.name], since, None)

    def keys(self, table: SourceTable) -> Iterator[pa.Table]:
        """Never asked: no table of this source finds deletes."""
        raise NotImplementedError(f"{table.name}: no table of this source finds deletes")

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def _windows(
        self, listing: _Listing, begins: datetime | None, ends: datetime | None
    ) -> Iterator[str]:
        """Searches that find fewer objects than a listing may hold, oldest changes first.

        The last one is open, so that what changes while reading is read again, not missed.
        """
        if self._counted(listing, begins, ends) is not None:
            yield search(begins, ends)
            return
        first, last = begins or _FIRST_MOMENT, ends or datetime.now(UTC)
        first = first if first.tzinfo else first.replace(tzinfo=UTC)
        if last - first <= _SMALLEST_WINDOW:
            self._client.fail(f"{listing.query}: over {_MOST_OBJECTS} changes in one second")
        middle = (first + (last - first) / 2).replace(microsecond=0)
        yield from self._windows(listing, begins, max(middle, first + _SMALLEST_WINDOW))
        yield from self._windows(listing, max(middle, first + _SMALLEST_WINDOW), ends)

    def _counted(
        self, listing: _Listing, begins: datetime | None, ends: datetime | None
    ) -> int | None:
        query = (
            "query Count($search: String, $limit: Int) "
            f"{{ {listing.query}Count(query: $search, limit: $limit) {{ count precision }} }}"
        )
        variables = {"search": search(begins, ends), "limit": _MOST_OBJECTS}
        data = self._asking.ask(f"{listing.query}Count", query, variables) or {}
        found = data.get(f"{listing.query}Count")
        if not isinstance(found, dict) or not isinstance(found.get("count"), int):
            self._client.fail(f"{listing.query}Count: no number")
        is_exact = found["count"] < _MOST_OBJECTS and found.get("precision") != "AT_LEAST"
        return int(found["count"]) if is_exact else None

    def _listed(self, listing: _Listing, window: str) -> Iterator[list[Row]]:
        query = (
            "query List($first: Int!, $after: String, $search: String) "
            f"{{ {listing.query}(first: $first, after: $after, query: $search, sortKey: ID) "
            f"{{ nodes {{ {listing.fields} }} pageInfo {{ hasNextPage endCursor }} }} }}"
        )
        trail, after, size = Trail(self._client, listing.query), None, listing.page
        while True:
            variables = {"first": size, "after": after, "search": window}
            data = self._asking.ask(listing.query, query, variables)
            if data is None:
                size = self._smaller(listing, size)
                continue
            nodes, after = self._connection(listing.query, data.get(listing.query))
            keys = ("id", "legacyResourceId") if "id legacy" in listing.fields else ("id",)
            records(self._client, listing.query, nodes, *keys)
            if nodes:
                yield nodes
            if after is None:
                return
            trail.step(after)

    def _smaller(self, listing: _Listing, size: int) -> int:
        if size == 1:
            self._client.fail(f"{listing.query}: one object costs more than a question may")
        return size // 2

    def _connection(self, name: str, found: Any) -> tuple[list[Row], str | None]:
        """The objects of a connection and the cursor of what follows, None at its end."""
        try:
            nodes, info = found["nodes"], found["pageInfo"]
            after = info["endCursor"] if info["hasNextPage"] else None
            is_sound = all(isinstance(node, dict) for node in nodes)
        except (KeyError, TypeError):
            is_sound = False
        if not is_sound or (info["hasNextPage"] and not isinstance(after, str)):
            self._client.fail(f"{name}: a page without nodes or without a cursor")
        return nodes, after

    def _completed(self, table: str, node: Row) -> Row:
        if table == "orders":
            lines = self._lines(node)
            refunds = [row for refund in self._refunds(node) for row in refund_rows(refund)]
            return {**node, "lineItems": [line_row(line) for line in lines], "refunds": refunds}
        return checkout_row(node) if table == "checkouts" else node

    def _lines(self, order: Row) -> list[Row]:
        nodes, after = self._connection("lineItems", order.get("lineItems"))
        trail = Trail(self._client, "lineItems")
        query = (
            "query Lines($id: ID!, $first: Int!, $after: String) { order(id: $id) "
            f"{{ lineItems(first: $first, after: $after) {{ nodes {{ {_LINE} }} "
            "pageInfo { hasNextPage endCursor } } } }"
        )
        while after is not None:
            variables = {"id": order["id"], "first": _LINES_PAGE, "after": trail.step(after)}
            found = (self._asking.ask("lineItems", query, variables) or {}).get("order") or {}
            more, after = self._connection("lineItems", found.get("lineItems"))
            nodes = [*nodes, *more]
        return nodes

    def _refunds(self, order: Row) -> list[Row]:
        refunds = order.get("refunds") or []
        if are_whole(refunds, _FIRST_REFUNDS):
            return refunds
        for most, lines in _MORE_REFUNDS:
            query = (
                f"query Refunds($id: ID!) {{ order(id: $id) {{ refunds(first: {most}) "
                f"{{ {_REFUND} refundLineItems(first: {lines}) "
                f"{{ nodes {{ {_REFUNDED} }} pageInfo {{ hasNextPage }} }} }} }} }}"
            )
            found = (self._asking.ask("refunds", query, {"id": order["id"]}) or {}).get("order")
            refunds = (found or {}).get("refunds") or []
            if are_whole(refunds, most):
                break
        else:
            self._client.fail("refunds: an order with more of them than one question can ask for")
        return refunds


def _connect(settings: Mapping[str, str]) -> _Reader:
    return _Reader(settings)


SOURCE = Source(
    system="shopify",
    settings=("shopify_url", "shopify_token"),
    tables=(
        SourceTable("customers", cursor="updatedAt", key=("legacyResourceId",)),
        SourceTable("orders", cursor="updatedAt", key=("legacyResourceId",)),
        SourceTable("checkouts", cursor="updatedAt", key=("checkout_id",)),
    ),
    connect=_connect,
)
