"""What can go wrong with a request to a make-believe vendor."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from demo.fakes.answers import Answer

Breaking = Literal["", "hang", "reset", "cut"]


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one coming request.

    path: only a request whose path begins so; skip: that many of them pass first; times: how many
    it happens to. answer: given instead of the fake's, which is asked only if is_after_effect.
    edit: changes the fake's own answer. breaks: hang (silent until the server stops or
    `fake.release()`), reset (the line is cut without a word, before the effect unless
    is_after_effect) or cut (half of the body, then nothing).
    """

    answer: Answer | None = None
    is_after_effect: bool = False
    edit: Callable[[Answer], Answer] | None = None
    breaks: Breaking = ""
    path: str = ""
    skip: int = 0
    times: int = 1


def html_page(status: int = 200) -> Fault:
    """A page for people, with a status that says all is well, where data were due."""
    page = b"<!DOCTYPE html><html><body><h1>Under maintenance</h1></body></html>"
    return Fault(answer=Answer(status, page, content_type="text/html; charset=utf-8"))


def broken_once(status: int = 500) -> Fault:
    """An error of the server."""
    return Fault(answer=Answer(status, b"Internal Server Error", content_type="text/plain"))


def with_byte_order_mark() -> Fault:
    """The right answer behind a UTF-8 byte order mark."""
    return Fault(edit=lambda answer: replace(answer, body=b"\xef\xbb\xbf" + answer.body))


def edited(change: Callable[[Any], Any]) -> Fault:
    """The right JSON answer with its content changed: partial errors, a looping cursor, …"""

    def edit(answer: Answer) -> Answer:
        content = change(json.loads(answer.body))
        return replace(answer, body=json.dumps(content, ensure_ascii=False).encode())

    return Fault(edit=edit)
