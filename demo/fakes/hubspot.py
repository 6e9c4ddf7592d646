"""HubSpot's CRM, API v3, as far as it is read: objects, search, batch reads, associations.

Looked up, not guessed:
* paging by `after`, at most 100 objects a page, search at most 200 a page, 10,000 results in all
  (a 400 beyond), one sort, integer `after`, times in milliseconds, no archived objects, 5 searches
  a second, no rate headers on searches:
  developers.hubspot.com/docs/api-reference/latest/crm/search-the-crm;
  docs.aws.amazon.com/glue/latest/dg/hubspot-connector-limitations.html;
* 190 requests in 10 seconds (Professional), 429 with `policyName` TEN_SECONDLY_ROLLING or
  SECONDLY, no Retry-After: developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines;
* associations read in batches of 1,000: developers.hubspot.com/changelog/bug-fix-batch-read-limit-
  for-hubspot-associations-api; with property history at most 50 objects (PipedreamHQ/pipedream
  #8462); errors: developers.hubspot.com/docs/api-reference/error-handling.
Unknown property names are passed over in silence, as there.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from demo.fakes.answers import Answer, Request, json_answer
from demo.fakes.budgets import Bucket
from demo.fakes.server import Fake, Route
from demo.systems.documents import Document, Documents, Span, iso
from demo.systems.hubspot import STAGE_VERSIONS

TYPES = {
    "contacts", "companies", "deals", "calls", "meetings", "notes", "communications", "quotes",
    "p_sales_feedback",
}  # fmt: skip
PER_TEN_SECONDS, SEARCHES_PER_SECOND = 190, 5
MOST_RESULTS = 10_000
_PAGE, _SEARCH_PAGE, _WITH_HISTORY, _BATCH, _ASSOCIATED = 100, 200, 50, 100, 1000
_OPERATORS = {"GTE", "LT"}
_TYPE = "([a-z_]+)"


class Hubspot(Fake):
    """One account of the CRM over the store that demo.systems.hubspot fills."""

    def __init__(self, home: Path, token: str, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.store = Documents(home / "demo" / "systems" / "hubspot.db")
        self.bucket = Bucket(PER_TEN_SECONDS, PER_TEN_SECONDS / 10, clock)
        self.searches = Bucket(SEARCHES_PER_SECOND, SEARCHES_PER_SECOND, clock)
        self._token = token

    def routes(self) -> list[Route]:
        """Objects of every type, one way to find, two to read many."""
        objects = f"/crm/v3/objects/{_TYPE}"
        return [
            Route("GET", objects, self._list),
            Route("POST", f"{objects}/search", self._search),
            Route("POST", f"{objects}/batch/read", self._batch),
            Route("POST", f"/crm/v4/associations/{_TYPE}/{_TYPE}/batch/read", self._associated),
        ]

    def is_authorised(self, request: Request) -> bool:
        """Whether the bearer is ours."""
        wanted = f"Bearer {self._token}"
        return hmac.compare_digest(request.headers.get("authorization", ""), wanted)

    def refusal(self, status: int, request: Request) -> Answer:
        """An error as the CRM writes it."""
        words = {
            400: ("VALIDATION_ERROR", "Invalid input JSON or parameter"),
            401: ("INVALID_AUTHENTICATION", "Authentication credentials not found."),
            404: ("OBJECT_NOT_FOUND", "resource not found"),
        }
        category, message = words.get(status, ("INTERNAL_ERROR", "internal error"))
        return _error(status, category, message)

    def dispatch(self, request: Request) -> Answer:
        """The answer, if the budget allows one."""
        if not self.bucket.take(1):
            return _too_many("TEN_SECONDLY_ROLLING", "ten_secondly_rolling")
        is_search = request.path.endswith("/search")
        if is_search and not self.searches.take(1):
            return _too_many("SECONDLY", "secondly")
        answer = super().dispatch(request)
        if is_search:
            return answer
        headers = {
            "X-HubSpot-RateLimit-Max": str(PER_TEN_SECONDS),
            "X-HubSpot-RateLimit-Remaining": str(int(self.bucket.level)),
            "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
        }
        return Answer(answer.status, answer.body, {**answer.headers, **headers})

    def _list(self, request: Request, kind: str) -> Answer:
        if kind not in TYPES:
            return self.refusal(404, request)
        limit = _within(int(request.param("limit", "10")), _PAGE)
        found = self.store.after(kind, int(request.param("after", "0")), limit + 1)
        page = found[:limit]
        names = [name for name in request.param("properties").split(",") if name]
        content: dict[str, Any] = {"results": [_shown(one, names) for one in page]}
        if len(found) > limit:
            content["paging"] = {"next": {"after": str(page[-1].number)}}
        return json_answer(content)

    def _search(self, request: Request, kind: str) -> Answer:
        if kind not in TYPES:
            return self.refusal(404, request)
        asked = request.json()
        limit, after = (
            _within(int(asked.get("limit", 10)), _SEARCH_PAGE),
            int(asked.get("after", 0)),
        )
        if after + limit > MOST_RESULTS:
            return _error(400, "VALIDATION_ERROR", "paging past 10,000 results is not possible")
        changed = "lastmodifieddate" if kind == "contacts" else "hs_lastmodifieddate"
        if len(asked.get("sorts", [])) > 1 or len(asked.get("filterGroups", [])) > 1:
            return self.refusal(400, request)
        span = _span(asked, changed)
        total = self.store.count(kind, span)
        page = self.store.changed(kind, span, after, limit)
        results = [_shown(one, asked.get("properties", [])) for one in page]
        content: dict[str, Any] = {"total": total, "results": results}
        if after + limit < total:
            content["paging"] = {"next": {"after": str(after + limit)}}
        return json_answer(content)

    def _batch(self, request: Request, kind: str) -> Answer:
        asked = request.json()
        with_history = asked.get("propertiesWithHistory", [])
        keys = [one["id"] for one in asked["inputs"]]
        if len(keys) > (_WITH_HISTORY if with_history else _BATCH):
            return _error(400, "VALIDATION_ERROR", f"{len(keys)} inputs are too many")
        found = self.store.by_key(kind, keys)
        history: dict[str, list[dict[str, Any]]] = {}
        if with_history and kind == "deals":
            for version in self.store.children(STAGE_VERSIONS, keys):
                history.setdefault(version.parent, []).append(version.body)
        results = []
        for key in [key for key in keys if key in found]:
            shown = _shown(found[key], asked.get("properties", []))
            if with_history:
                shown["propertiesWithHistory"] = _history(history.get(key, []), with_history)
            results.append(shown)
        missing = [key for key in keys if key not in found]
        content: dict[str, Any] = {"status": "COMPLETE", "results": results}
        if missing:
            error = {"status": "error", "category": "OBJECT_NOT_FOUND", "context": {"ids": missing}}
            content |= {"numErrors": 1, "errors": [error]}
        return json_answer(content, 207 if missing else 200)

    def _associated(self, request: Request, kind: str, to: str) -> Answer:
        keys = [one["id"] for one in request.json()["inputs"]]
        if len(keys) > _ASSOCIATED:
            return _error(400, "VALIDATION_ERROR", f"{len(keys)} inputs are too many")
        found = self.store.by_key(kind, keys)
        label = [{"category": "HUBSPOT_DEFINED", "typeId": 3, "label": None}]
        results = [
            {
                "from": {"id": key},
                "to": [
                    {"toObjectId": other, "associationTypes": label}
                    for other in found[key].body["links"].get(to, [])
                ],
            }
            for key in keys
            if key in found and found[key].body["links"].get(to)
        ]
        return json_answer({"status": "COMPLETE", "results": results})


def _shown(one: Document, names: list[str]) -> dict[str, Any]:
    """An object with the properties asked for; a property without a value is null."""
    held = one.body["properties"]
    created = held.get("createdate") or held.get("hs_createdate") or held.get("hs_timestamp")
    properties = {name: held[name] for name in names if name in held}
    properties |= {"hs_object_id": one.key, "hs_lastmodifieddate": one.changed_at}
    return {
        "id": one.key,
        "properties": properties,
        "createdAt": created or one.changed_at,
        "updatedAt": one.changed_at,
        "archived": False,
    }


def _history(versions: list[dict[str, Any]], names: list[str]) -> dict[str, Any]:
    """Newest first, as there."""
    told: dict[str, Any] = {}
    common = ("timestamp", "sourceType", "sourceId")
    for name in names:
        of = "value" if name == "dealstage" else name
        told[name] = [
            {"value": version[of], **{part: version[part] for part in common}}
            for version in reversed(versions)
            if version.get(of) is not None
        ]
    return told


def _span(asked: dict[str, Any], changed: str) -> Span:
    """The filter on the last change; any other one is refused. Raises ValueError."""
    bounds = {"GTE": "", "LT": ""}
    for group in asked.get("filterGroups", []):
        for one in group["filters"]:
            if one["propertyName"] != changed or one["operator"] not in _OPERATORS:
                raise ValueError(one["operator"])
            bounds[one["operator"]] = _moment(int(one["value"]))
    return Span(bounds["GTE"], bounds["LT"])


def _moment(milliseconds: int) -> str:
    return iso(datetime.fromtimestamp(milliseconds / 1000, UTC).replace(tzinfo=None))


def _within(limit: int, most: int) -> int:
    if not 0 < limit <= most:
        raise ValueError(limit)
    return limit


def _too_many(policy: str, words: str) -> Answer:
    content = {
        "status": "error",
        "message": f"You have reached your {words} limit.",
        "errorType": "RATE_LIMIT",
        "correlationId": "00000000-0000-0000-0000-000000000000",
        "policyName": policy,
    }
    return json_answer(content, 429)


def _error(status: int, category: str, message: str) -> Answer:
    content = {"status": "error", "message": message, "category": category}
    return json_answer(content | {"correlationId": "00000000-0000-0000-0000-000000000000"}, status)
