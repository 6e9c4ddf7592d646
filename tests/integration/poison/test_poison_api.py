"""Answers of APIs that are none: refused in the system's name, without a word of what they held."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest
import stamina

from contract.discovery import discover
from demo.fakes.answers import Answer, Request
from demo.fakes.server import Fake, serve
from ingestion.errors import ContractBroken, SourceUnavailable
from ingestion.source import Source

SECRET = "anna@example.com"  # noqa: S105 - a person in a body that must not reach an error
# A page of JSON lines may hold none.
MAY_BE_EMPTY = "preferences"
SOURCES = {
    name: source
    for name, source in discover("ingestion.sources", "SOURCE").items()
    if isinstance(source, Source)
    and any(one.endswith(("_token", "_key")) for one in source.settings)
}
BODIES = {
    "empty": b"",
    "blank": b" \n\t ",
    "html": b"<!DOCTYPE html><html><body>Under maintenance anna@example.com</body></html>",
    "html_behind_a_mark": b"\xef\xbb\xbf<html></html>",
    "xml": b"<?xml version='1.0'?><result><error message='anna@example.com'/></result>",
    "text": b"OK anna@example.com",
    "number": b"42",
    "null": b"null",
    "true": b"true",
    "json_text": b'"anna@example.com"',
    "empty_object": b"{}",
    "list_of_numbers": b"[1, 2, 3]",
    "truncated": b'{"items": [{"id": "anna@example.com", "val',
    "two_documents": b'{"items": []}{"items": []}',
    "nan": b'{"items": NaN, "total": Infinity, "email": "anna@example.com"}',
    "single_quotes": b"{'items': []}",
    "invalid_utf8": b'{"items": "\xff\xfe"}',
    "utf16": '{"items": []}'.encode("utf-16"),
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "wrong_shapes": b'{"items": {}, "results": 3, "data": [], "contacts": "x", "orders": 1, '
    b'"customers": 1, "total": "many", "count": null, "events": 5}',
    "only_an_error": b'{"error": "anna@example.com", "result": "error", "message": "no"}',
}


class Poisoned(Fake):
    """Answers everything alike."""

    def __init__(self, reply: Answer) -> None:
        super().__init__()
        self.reply = reply

    def dispatch(self, request: Request) -> Answer:
        return self.reply


@pytest.fixture(autouse=True)
def _one_attempt() -> Iterator[None]:
    with stamina.set_testing(True, attempts=1):
        yield


def refusal(source: Source, reply: Answer) -> str:
    """The sentence with which the source gives up on the reply; '' when it takes it for data."""
    with serve(Poisoned(reply)) as url:
        settings = {name: url if name.endswith("_url") else "k" for name in source.settings}
        reader = source.connect(settings)
        try:
            for table in source.tables[:1]:
                for _ in reader.pages(table, None):
                    return ""
        except (SourceUnavailable, ContractBroken) as error:
            return str(error)
        finally:
            reader.close()
    return ""


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("name", SOURCES)
def test_what_is_no_answer_is_refused_in_the_name_of_the_system(
    name: str, body: str, poison
) -> None:
    poison("API answers", "refused")
    said = refusal(SOURCES[name], Answer(200, BODIES[body]))
    assert name in said or (name, body) == (MAY_BE_EMPTY, "empty")
    assert SECRET not in said


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 410, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("name", SOURCES)
def test_a_status_that_is_no_success_is_refused_and_named(name: str, status: int, poison) -> None:
    poison("API answers", "refused")
    said = refusal(SOURCES[name], Answer(status, b"anna@example.com", {"location": "/elsewhere"}))
    assert name in said
    assert SECRET not in said


@pytest.mark.parametrize("name", SOURCES)
def test_a_body_whose_compression_is_broken_is_refused(name: str, poison) -> None:
    poison("API answers", "refused")
    whole = gzip.compress(b'{"items": []}' * 100)
    said = refusal(SOURCES[name], Answer(200, whole[:-12], {"content-encoding": "gzip"}))
    assert name in said


@pytest.mark.parametrize("name", SOURCES)
def test_a_body_that_unpacks_without_end_is_refused(name: str, poison) -> None:
    poison("API answers", "refused")
    bomb = gzip.compress(b" " * (80 * 1024 * 1024))
    said = refusal(SOURCES[name], Answer(200, bomb, {"content-encoding": "gzip"}))
    assert name in said
