"""Our generic help desk's REST API: the contract that a company's own desk is adapted to.

GET /api/v1/questions?updated_since=…&page_size≤200&cursor=… with a bearer gives
{"items": […], "next_cursor": "…" or null, "total": n}, oldest change first. The cursor is opaque
and holds the question after which to go on, so that a change in between moves no page. 60 requests
a minute; 429 with Retry-After; errors as problem+json (RFC 9457).
"""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from demo.fakes.answers import Answer, Request, json_answer
from demo.fakes.budgets import Bucket
from demo.fakes.server import Fake, Route
from demo.systems.documents import Document, Documents, Span

PER_MINUTE = 60
_LARGEST_PAGE = 200


class Support(Fake):
    """One help desk over the store that demo.systems.support fills."""

    def __init__(self, home: Path, token: str, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.store = Documents(home / "demo" / "systems" / "support.db")
        self.bucket = Bucket(PER_MINUTE, PER_MINUTE / 60, clock)
        self._token = token

    def routes(self) -> list[Route]:
        """The one list."""
        return [Route("GET", "/api/v1/questions", self._questions)]

    def is_authorised(self, request: Request) -> bool:
        """Whether the bearer is ours."""
        wanted = f"Bearer {self._token}"
        return hmac.compare_digest(request.headers.get("authorization", ""), wanted)

    def refusal(self, status: int, request: Request) -> Answer:
        """A problem, by its status."""
        titles = {400: "Bad request", 401: "Not authorised", 404: "Not found"}
        return _problem(status, titles.get(status, "Error"))

    def dispatch(self, request: Request) -> Answer:
        """The answer, if the budget allows one."""
        if not self.bucket.take(1):
            return _problem(429, "Too many requests").with_headers(retry_after="1")
        return super().dispatch(request)

    def _questions(self, request: Request) -> Answer:
        size = int(request.param("page_size", "50"))
        if not 0 < size <= _LARGEST_PAGE:
            raise ValueError(size)
        span = Span(since=request.param("updated_since"))
        total = self.store.count("questions", span)
        found = self._after(request.param("cursor"), span, size + 1)
        page = found[:size]
        cursor = _cursor(page[-1]) if len(found) > size else None
        items = [_shown(one) for one in page]
        return json_answer({"items": items, "next_cursor": cursor, "total": total})

    def _after(self, cursor: str, span: Span, limit: int) -> list[Document]:
        if not cursor:
            return self.store.changed("questions", span, 0, limit)
        at, number = json.loads(base64.urlsafe_b64decode(cursor))
        return self.store.beyond("questions", str(at), int(number), limit)


def _shown(one: Document) -> dict[str, Any]:
    return {"id": one.key, **one.body, "updated_at": one.changed_at}


def _cursor(last: Document) -> str:
    return base64.urlsafe_b64encode(json.dumps([last.changed_at, last.number]).encode()).decode()


def _problem(status: int, title: str) -> Answer:
    answer = json_answer({"type": "about:blank", "title": title, "status": status}, status)
    return replace(answer, content_type="application/problem+json")
