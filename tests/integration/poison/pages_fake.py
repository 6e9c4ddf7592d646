"""A make-believe vendor of whose pages some are spoilt."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from demo.fakes.answers import Answer, Request
from demo.fakes.faults import Fault
from demo.fakes.server import Fake


class Poisoned(Fake):
    """Another fake of whose pages some go wrong.

    is_page: whether a request asks for one; faults: by the number of the page, from 1; -1: of all
    but the first.
    """

    def __init__(
        self, inner: Fake, is_page: Callable[[Request], bool], faults: Mapping[int, Fault]
    ) -> None:
        super().__init__()
        self.inner, self.faults, self.is_page = inner, faults, is_page
        self.pages = 0

    def dispatch(self, request: Request) -> Answer:
        return self.inner.dispatch(request)

    def _next_fault(self, request: Request) -> Fault | None:
        if not self.is_page(request):
            return None
        self.pages += 1
        return self.faults.get(self.pages, self.faults.get(-1) if self.pages > 1 else None)


def opened(answer: Answer) -> Any:
    """The content of an answer; JSON lines as a list."""
    if "ndjson" in answer.content_type:
        return [json.loads(line) for line in answer.body.splitlines()]
    return json.loads(answer.body)


def closed(answer: Answer, content: Any) -> Answer:
    """The answer with another content."""
    if "ndjson" in answer.content_type:
        lines = "".join(f"{json.dumps(line)}\n" for line in content)
        return replace(answer, body=lines.encode())
    return replace(answer, body=json.dumps(content).encode())
