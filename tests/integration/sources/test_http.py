"""The polite client over real HTTP: how long it waits, what it refuses, what it never shows."""

from __future__ import annotations

import gzip
import logging
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.fakes.answers import Answer, Request, json_answer
from demo.fakes.faults import Fault, broken_once, html_page
from demo.fakes.server import Fake, Route, serve
from ingestion.asked_waits import asked_wait
from ingestion.errors import SourceUnavailable
from ingestion.http import Client, Manners, Trail, checked_url

KEY = "sécret-key-of-nobody"
QUICK = Manners(timeout_seconds=0.5, wait_seconds=0.01, attempts=3, largest_bytes=10_000)


class Echo(Fake):
    """Answers what it was asked for."""

    def routes(self) -> list[Route]:
        return [Route("GET", "/base/echo", self._echo), Route("POST", "/base/echo", self._echo)]

    def is_authorised(self, request: Request) -> bool:
        return request.headers.get("key") == "k"

    def refusal(self, status: int, request: Request) -> Answer:
        return json_answer({"status": status}, status)

    def _echo(self, request: Request) -> Answer:
        return json_answer({"q": request.param("q"), "body": request.body.decode()})


@pytest.fixture
def echo() -> Iterator[tuple[Echo, str]]:
    fake = Echo()
    with serve(fake) as url:
        yield fake, f"{url}/base"


def client_of(url: str, manners: Manners = QUICK) -> Client:
    return Client("vendor", url, headers={"key": "k"}, manners=manners)


def test_it_asks_below_the_path_of_its_address(echo: tuple[Echo, str]) -> None:
    client = client_of(echo[1])
    assert client.get_json("echo", {"q": "é&"}) == {"q": "é&", "body": ""}
    assert client.post_json("/echo", content={"a": 1})["body"] == '{"a":1}'
    assert client.post_json("echo", form={"a": "b c"})["body"] == "a=b+c"


@pytest.mark.parametrize("status", [408, 423, 429, 500, 502, 503, 504])
def test_what_may_pass_is_asked_again(echo: tuple[Echo, str], status: int) -> None:
    echo[0].script(Fault(Answer(status)), Fault(Answer(status)))
    assert client_of(echo[1]).get_json("echo", {"q": "1"})["q"] == "1"
    assert echo[0].count() == 3


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 403, 404, 410, 422])
def test_what_will_not_pass_is_asked_once(echo: tuple[Echo, str], status: int) -> None:
    echo[0].script(Fault(Answer(status, headers={"Location": echo[1]})))
    with pytest.raises(SourceUnavailable, match=str(status)):
        client_of(echo[1]).get_json("echo")
    assert echo[0].count() == 1


def test_it_gives_up_after_its_attempts(echo: tuple[Echo, str]) -> None:
    echo[0].script(Fault(Answer(500), times=9))
    with pytest.raises(SourceUnavailable, match="status 500"):
        client_of(echo[1]).get_json("echo")
    assert echo[0].count() == 3


def test_a_silent_vendor_is_not_waited_for_longer_than_said(echo: tuple[Echo, str]) -> None:
    echo[0].script(Fault(breaks="hang", times=3))
    begun = time.monotonic()
    with pytest.raises(SourceUnavailable, match=r"no answer in 0\.5 s"):
        client_of(echo[1]).get_json("echo")
    assert time.monotonic() - begun < 5


def test_it_waits_as_long_as_it_is_told(echo: tuple[Echo, str]) -> None:
    echo[0].script(Fault(Answer(429, headers={"Retry-After": "0.4"})))
    begun = time.monotonic()
    client_of(echo[1]).get_json("echo")
    assert time.monotonic() - begun >= 0.4


def test_a_vendor_that_asks_for_too_long_is_left_alone(echo: tuple[Echo, str]) -> None:
    echo[0].script(Fault(Answer(429, headers={"Retry-After": "3600"})))
    with pytest.raises(SourceUnavailable, match="429"):
        client_of(echo[1]).get_json("echo")
    assert echo[0].count() == 1


def test_requests_keep_their_distance(echo: tuple[Echo, str]) -> None:
    client = client_of(echo[1], Manners(least_gap_seconds=0.1))
    begun = time.monotonic()
    for _ in range(4):
        client.get_json("echo")
    assert time.monotonic() - begun >= 0.3


@pytest.mark.parametrize(
    "answer",
    [
        Answer(body=b'"' + b"x" * 20_000 + b'"'),
        Answer(body=gzip.compress(b"0" * 30_000_000), headers={"Content-Encoding": "gzip"}),
    ],
    ids=["large", "a gzip bomb"],
)
def test_an_answer_without_measure_is_refused(echo: tuple[Echo, str], answer: Answer) -> None:
    echo[0].script(Fault(answer))
    with pytest.raises(SourceUnavailable, match="over 10000 bytes"):
        client_of(echo[1]).get_json("echo")


def test_a_broken_compression_is_asked_for_again(echo: tuple[Echo, str]) -> None:
    echo[0].script(Fault(Answer(body=b"no gzip", headers={"Content-Encoding": "gzip"})))
    assert client_of(echo[1]).get_json("echo", {"q": "1"})["q"] == "1"


@pytest.mark.parametrize("path", ["https://elsewhere.test/echo", "//x://y", "echo?key=1"])
def test_an_answer_cannot_send_it_elsewhere(echo: tuple[Echo, str], path: str) -> None:
    with pytest.raises(SourceUnavailable, match="instead of a path"):
        client_of(echo[1]).get_json(path)
    assert echo[0].count() == 0


def test_neither_keys_nor_questions_nor_people_are_shown(
    echo: tuple[Echo, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    fake, url = echo
    client = Client("vendor", url, headers={"key": "k"}, auth=("user", KEY), manners=QUICK)
    faults = [broken_once(), html_page(), Fault(Answer(404)), Fault(Answer(body=b"{p@x.fr"))]
    fake.script(*faults)
    said = []
    for _ in faults[1:]:
        with pytest.raises(SourceUnavailable) as refused:
            client.get_json("echo", {"q": "p@x.fr"})
        said.append(str(refused.value))
    with pytest.raises(SourceUnavailable) as caught:
        client.get_json("contacts/p@x.fr")
    for text in (caplog.text, str(caught.value), *said):
        assert "p@x.fr" not in text
        assert "q=" not in text
        assert KEY not in text


@pytest.mark.parametrize(
    "url",
    [
        "http://vendor.test", "ftp://127.0.0.1", "http://127.0.0.1.evil.test", "vendor.test", "",
        "https://user:key@vendor.test", "https://vendor.test/?key=1", "https://vendor.test/#a",
        "https://[::1", "http://0x7f.1", "http://10.0.0.1", "https://",
    ],
)  # fmt: skip
def test_an_address_that_is_not_to_be_asked_is_refused(url: str) -> None:
    with pytest.raises(SourceUnavailable) as caught:
        checked_url("vendor", url)
    assert "key" not in str(caught.value).replace("neither a key", "")


@pytest.mark.parametrize(
    "url", ["https://vendor.test", "http://localhost:1/a", "http://127.0.0.1:9", "http://[::1]:9/"]
)
def test_an_address_that_may_be_asked_ends_with_a_slash(url: str) -> None:
    assert checked_url("vendor", url) == url.rstrip("/") + "/"


@given(seconds=st.integers(0, 10**6), skew=st.integers(-(10**6), 10**6))
def test_a_date_to_wait_for_is_read_by_the_clock_of_the_vendor(seconds: int, skew: int) -> None:
    now = datetime(2026, 5, 1, 12, tzinfo=UTC) + timedelta(seconds=skew)
    headers = {
        "date": format_datetime(now, usegmt=True),
        "retry-after": format_datetime(now + timedelta(seconds=seconds), usegmt=True),
    }
    assert asked_wait(headers) == seconds


@given(text=st.text(max_size=40))
def test_a_header_that_says_nothing_is_no_wait_and_no_error(text: str) -> None:
    waits = (asked_wait({"retry-after": text}), asked_wait({"x-reset": text}, ("x-reset",)))
    assert all(wait is None or wait >= 0 for wait in waits)


def test_a_reset_header_is_seconds_or_a_moment() -> None:
    assert asked_wait({"x-reset": "12"}, ("x-reset",)) == 12
    assert asked_wait({"retry-after": "3", "x-reset": "12"}, ("x-reset",)) == 3
    soon = asked_wait({"x-reset": str(int(time.time()) + 60)}, ("x-reset",))
    assert soon is not None
    assert 50 < soon <= 60


@given(cursors=st.lists(st.text(max_size=3), max_size=20))
def test_a_trail_ends_at_the_first_cursor_that_comes_back(cursors: list[str]) -> None:
    client = Client("vendor", "https://vendor.test")
    trail, passed = Trail(client, "list"), 0
    try:
        for cursor in cursors:
            trail.step(cursor)
            passed += 1
    except SourceUnavailable:
        assert cursors[passed] in cursors[:passed]
    else:
        assert len(set(cursors)) == len(cursors)
    finally:
        client.close()
