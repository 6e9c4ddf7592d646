"""Our preference centre's REST API: its journal as pages of JSON lines.

GET /v1/events/{consent|preference|erasure}?after=…&limit≤1000&since=… with a bearer gives one event
per line (application/x-ndjson), in the order in which they were written; the headers x-next-after
(absent on the last page) and x-total-count say where to go on and how many there are. 429 with
Retry-After; errors as problem+json (RFC 9457).
"""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from demo.fakes.answers import Answer, Request, json_answer
from demo.fakes.budgets import Bucket
from demo.fakes.server import Fake, Route
from demo.systems.documents import Documents, Span
from demo.systems.preferences import EVENTS

PER_SECOND = 10
_LARGEST_PAGE = 1000


class Preferences(Fake):
    """One preference centre over the store that demo.systems.preferences fills."""

    def __init__(self, home: Path, token: str, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.store = Documents(home / "demo" / "systems" / "preferences.db")
        self.bucket = Bucket(PER_SECOND * 2, PER_SECOND, clock)
        self._token = token

    def routes(self) -> list[Route]:
        """One journal per kind of event."""
        kinds = "|".join(EVENTS)
        return [Route("GET", f"/v1/events/({kinds})", self._events)]

    def is_authorised(self, request: Request) -> bool:
        """Whether the bearer is ours."""
        wanted = f"Bearer {self._token}"
        return hmac.compare_digest(request.headers.get("authorization", ""), wanted)

    def refusal(self, status: int, request: Request) -> Answer:
        """A problem, by its status."""
        titles = {400: "Bad request", 401: "Not authorised", 404: "Not found"}
        answer = json_answer({"title": titles.get(status, "Error"), "status": status}, status)
        return replace(answer, content_type="application/problem+json")

    def dispatch(self, request: Request) -> Answer:
        """The answer, if the budget allows one."""
        if not self.bucket.take(1):
            return self.refusal(429, request).with_headers(retry_after="1")
        return super().dispatch(request)

    def _events(self, request: Request, kind: str) -> Answer:
        limit = int(request.param("limit", "100"))
        if not 0 < limit <= _LARGEST_PAGE:
            raise ValueError(limit)
        span = Span(since=request.param("since"))
        found = self.store.changed_after(kind, span, int(request.param("after", "0")), limit + 1)
        page = found[:limit]
        lines = [
            json.dumps({**one.body, "recorded_at": one.changed_at}, ensure_ascii=False)
            for one in page
        ]
        headers = {"x-total-count": str(self.store.count(kind, span))}
        if len(found) > limit:
            headers["x-next-after"] = str(page[-1].number)
        body = "".join(f"{line}\n" for line in lines).encode()
        return Answer(200, body, headers, content_type="application/x-ndjson; charset=utf-8")
