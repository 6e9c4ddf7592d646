"""Shopify's Admin API (GraphQL) as far as it is read: customers, orders, abandoned checkouts.

Looked up, not guessed:
* one POST to /admin/api/{version}/graphql.json with X-Shopify-Access-Token; budgets of points that
  fill by 100, 200, 1,000 or 2,000 a second according to the plan, costs of a query, the state of
  the budget in every answer: shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits;
* a throttled answer has `errors` and `extensions` beside each other and no `data`; its status is
  200 or 429 (is_throttled_by_status): community.shopify.com/t/.../8456 and /t/throttled/254776;
* at most 250 a page, 25,000 objects a listing, counts that end at 25,001: shopify.dev/docs/api/
  usage/limits; counts stop at their `limit`, 10,000 without one:
  shopify.dev/docs/api/admin-graphql/2025-10/queries/abandonedCheckoutsCount;
* abandoned checkouts are those with a contact, recovered ones included, can be filtered by
  updated_at but not sorted by it: shopify.dev/docs/api/admin-graphql/2025-10/queries/
  abandonedcheckouts and .../enums/AbandonedCheckoutSortKeys;
* consents are states of the customer (SUBSCRIBED, PENDING, UNSUBSCRIBED, …) with an opt-in level:
  shopify.dev/docs/api/admin-graphql/latest/enums/CustomerEmailMarketingState.
Of the search syntax only bounds on updated_at and created_at are understood, of sort keys only ID.
"""

from __future__ import annotations

import hmac
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from demo.fakes.answers import Answer, Request, json_answer
from demo.fakes.budgets import Bucket
from demo.fakes.graphql import Field, SyntaxProblem, parse
from demo.fakes.server import Fake, Route
from demo.fakes.shopify_schema import Answering, QueryProblem, closed, cost_of, opened
from demo.systems.documents import Documents
from demo.systems.shopify import CHECKOUTS, CUSTOMERS, ORDERS

VERSION = "2026-07"
_MOST_POINTS = 1000
_COUNT_LIMIT = 10_000
_LISTS = {CUSTOMERS: "Customer", ORDERS: "Order", CHECKOUTS: "AbandonedCheckout"}
_COUNTS = {f"{name}Count": name for name in _LISTS}
_BOUND = re.compile(r"(updated_at|created_at):(>=|<=|<|>)'([^']+)'")


@dataclass(frozen=True)
class Plan:
    """What the shop pays for: points in the full budget, points a second, objects a listing.

    By default ten times the best real plan, so that nobody who tries the demo waits for points.
    """

    budget: float = 20_000.0
    per_second: float = 20_000.0
    most_objects: int = 25_000


class Shopify(Fake):
    """One shop over the store that demo.systems.shopify fills."""

    is_throttled_by_status = False

    def __init__(
        self,
        home: Path,
        token: str,
        clock: Callable[[], float] = time.monotonic,
        plan: Plan = Plan(),
    ) -> None:
        super().__init__()
        self.store = Documents(home / "demo" / "systems" / "shopify.db")
        self.plan = plan
        self.bucket = Bucket(plan.budget, plan.per_second, clock)
        self._token = token

    def routes(self) -> list[Route]:
        """One address for everything."""
        return [Route("POST", f"/admin/api/{VERSION}/graphql.json", self._query)]

    def is_authorised(self, request: Request) -> bool:
        """Whether the access token is ours."""
        given = request.headers.get("x-shopify-access-token", "")
        return hmac.compare_digest(given.encode(), self._token.encode())

    def refusal(self, status: int, request: Request) -> Answer:
        """An error before any query was read: a text, not a list."""
        words = {
            400: "Bad Request",
            401: "[API] Invalid API key or access token (unrecognized login or wrong password)",
            404: "Not Found",
        }
        return json_answer({"errors": words.get(status, "Internal Server Error")}, status)

    def _query(self, request: Request) -> Answer:
        content = request.json()
        try:
            fields = parse(content["query"], content.get("variables") or {})
            asked = _checked_cost(fields)
        except SyntaxProblem as problem:
            return json_answer({"errors": [{"message": f"syntax error, {problem}"}]})
        except QueryProblem as problem:
            return _refused(problem)
        if not self.bucket.take(asked):
            return self._throttled(asked)
        answering = Answering()
        try:
            data = {field.alias: self._root(field, answering) for field in fields}
        except QueryProblem as problem:
            self.bucket.give_back(asked)
            return _refused(problem)
        spent = min(asked, answering.points)
        self.bucket.give_back(asked - spent)
        return json_answer({"data": data, "extensions": {"cost": self._cost(asked, spent)}})

    def _root(self, field: Field, answering: Answering) -> Any:
        if field.name in _LISTS:
            return self._list(field, answering)
        if field.name in _COUNTS:
            return answering.object(self._count(field), "Count", field.selections)
        key = str(field.arguments.get("id", "")).rsplit("/", 1)[-1]
        found = self.store.by_key(ORDERS, [key]).get(key)
        if found is None:
            return None
        return answering.object(found.body, "Order", field.selections)

    def _list(self, field: Field, answering: Answering) -> Any:
        if field.arguments.get("sortKey", "ID") != "ID":
            raise QueryProblem("BAD_REQUEST", "sortKey: only ID is offered here")
        condition, values = _condition(field.arguments.get("query"))
        after, size = opened(field.arguments.get("after")), field.arguments["first"]
        with self.store.open() as connection:
            passed = connection.execute(
                f"select count(*) from documents where kind = ? and {condition} and number <= ?",
                (field.name, *values, after),
            ).fetchone()[0]
            rows = connection.execute(
                f"select number, changed_at, body from documents where kind = ? and {condition} "
                "and number > ? order by number limit ?",
                (field.name, *values, after, size + 1),
            ).fetchall()
        if passed >= self.plan.most_objects:
            most = self.plan.most_objects
            raise QueryProblem("PAGINATION_LIMIT", f"Pagination ends at {most} objects.")
        found = [
            (closed(number), {**json.loads(body), "updatedAt": _seconds(changed)})
            for number, changed, body in rows[:size]
        ]
        return answering.page(found, _LISTS[field.name], field, has_next=len(rows) > size)

    def _count(self, field: Field) -> dict[str, Any]:
        condition, values = _condition(field.arguments.get("query"))
        with self.store.open() as connection:
            count = connection.execute(
                f"select count(*) from documents where kind = ? and {condition}",
                (_COUNTS[field.name], *values),
            ).fetchone()[0]
        limit = field.arguments.get("limit", _COUNT_LIMIT)
        most = min(limit or count, self.plan.most_objects + 1)
        return {"count": min(count, most), "precision": "AT_LEAST" if count > most else "EXACT"}

    def _throttled(self, asked: int) -> Answer:
        error = {
            "message": "Throttled",
            "extensions": {
                "code": "THROTTLED",
                "documentation": "https://shopify.dev/api/usage/rate-limits",
            },
        }
        content = {"errors": [error], "extensions": {"cost": self._cost(asked, None)}}
        return json_answer(content, 429 if self.is_throttled_by_status else 200)

    def _cost(self, asked: int, spent: int | None) -> Mapping[str, Any]:
        return {
            "requestedQueryCost": asked,
            "actualQueryCost": spent,
            "throttleStatus": {
                "maximumAvailable": self.plan.budget,
                "currentlyAvailable": int(self.bucket.level),
                "restoreRate": self.plan.per_second,
            },
        }


def _checked_cost(fields: tuple[Field, ...]) -> int:
    asked = cost_of(fields)
    if asked > _MOST_POINTS:
        limit = f"the single query max cost limit ({_MOST_POINTS})"
        raise QueryProblem("MAX_COST_EXCEEDED", f"Query cost is {asked}, which exceeds {limit}.")
    return asked


def _refused(problem: QueryProblem) -> Answer:
    error = {"message": str(problem), "extensions": {"code": problem.code}}
    return json_answer({"errors": [error]})


def _condition(search: str | None) -> tuple[str, list[str]]:
    """SQL over documents of a search, with its values. Raises QueryProblem for other terms."""
    conditions, values = ["true"], []
    for name, sign, moment in _BOUND.findall(search or ""):
        column = "changed_at" if name == "updated_at" else "json_extract(body, '$.createdAt')"
        conditions.append(f"{column} {sign} ?")
        values.append(_stored(moment))
    if _BOUND.sub("", (search or "").replace(" AND ", " ")).strip():
        raise QueryProblem("BAD_REQUEST", "query: a term that is not understood here")
    return " and ".join(conditions), values


def _stored(moment: str) -> str:
    """A moment as the store writes it. Raises QueryProblem."""
    try:
        return datetime.fromisoformat(moment).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    except ValueError:
        raise QueryProblem("BAD_REQUEST", "query: a time that is not ISO 8601") from None


def _seconds(changed: str) -> str:
    """A moment as the API writes it, to the second."""
    return changed[:19] + "Z"
