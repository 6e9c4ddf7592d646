"""A polite HTTP client for the APIs of source systems.

It asks over https (http only on loopback), follows no redirect and no proxy of the environment,
waits as long as the vendor says, gives up after a few attempts, and takes nothing for an answer
that is not one: a page for people with status 200, half a body, a body without end. Whatever goes
wrong is SourceUnavailable with system, method, path and status; queries, bodies and keys appear
nowhere, neither in errors nor in logs.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Never
from urllib.parse import urlsplit

from ingestion.asked_waits import asked_wait
from ingestion.errors import SourceUnavailable

if TYPE_CHECKING:
    import httpx

_FIRST_REDIRECT, _FIRST_CLIENT_ERROR, _FIRST_SERVER_ERROR = 300, 400, 500
_WORTH_ANOTHER_TRY = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.LOCKED, HTTPStatus.TOO_MANY_REQUESTS)
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_CHATTY = ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.proxy")


@dataclass(frozen=True)
class Reply:
    """One complete answer; header names in lower case, body decompressed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def _never_throttled(_: Reply) -> float | None:
    return None


@dataclass(frozen=True)
class Manners:
    """How to treat one vendor.

    timeout_seconds: of silence; longest_seconds: of one answer in all; largest_bytes: of one
    decompressed body. attempts: in all, for what may pass; wait_seconds: the first wait, doubled
    each time; longest_wait_seconds: a vendor that asks for more is left alone until the next run.
    least_gap_seconds: between the starts of two requests. reset_headers: headers (lower case) in
    which the vendor says, instead of Retry-After, in how many seconds or when (epoch) it answers
    again. throttled: the seconds to wait when an answer, whatever its status, says "too many",
    else None.
    """

    timeout_seconds: float = 30.0
    longest_seconds: float = 300.0
    largest_bytes: int = 64 * 1024 * 1024
    attempts: int = 5
    wait_seconds: float = 0.5
    longest_wait_seconds: float = 120.0
    least_gap_seconds: float = 0.0
    reset_headers: tuple[str, ...] = ()
    throttled: Callable[[Reply], float | None] = field(default=_never_throttled)


class _AgainError(Exception):
    """One attempt failed in a way that may pass. wait: seconds that the vendor asked for."""

    def __init__(self, what: str, wait: float | None = None) -> None:
        super().__init__(what)
        self.wait = wait


class Client:
    """Asks one system.

    base_url may have a path; headers and auth (user, password) are sent with every request.
    Raises SourceUnavailable when the URL is not one to be asked.
    """

    def __init__(
        self,
        system: str,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        manners: Manners = Manners(),
    ) -> None:
        import httpx

        for name in _CHATTY:  # their lines hold whole URLs and headers, keys included
            logging.getLogger(name).addFilter(_is_no_chatter)
        self.system, self.manners = system, manners
        self._last_started = float("-inf")
        try:
            self._http = httpx.Client(
                base_url=checked_url(system, base_url),
                headers={"Accept": "application/json", **(headers or {})},
                auth=httpx.BasicAuth(*auth) if auth else None,
                timeout=manners.timeout_seconds,
                follow_redirects=False,
                trust_env=False,
            )
        except (httpx.InvalidURL, ValueError):
            raise SourceUnavailable(system, "its URL or its key cannot be sent.") from None

    def get_json(self, path: str, params: Mapping[str, str | int] | None = None) -> Any:
        """The JSON that a GET of base_url + path gives. Raises SourceUnavailable."""
        return self._json(_shown("GET", path), self.request("GET", path, params=params))

    def post_json(
        self, path: str, *, content: Any = None, form: Mapping[str, str | int] | None = None
    ) -> Any:
        """The JSON that a POST of JSON content, or of a form, gives. Raises SourceUnavailable.

        It is repeated after a failure, so only for questions: a POST that changes nothing.
        """
        return self._json(
            _shown("POST", path), self.request("POST", path, content=content, form=form)
        )

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        content: Any = None,
        form: Mapping[str, str | int] | None = None,
    ) -> Reply:
        """The first answer that is a success, whatever it holds. Raises SourceUnavailable.

        path is relative to base_url: what an answer calls its next page may be on another host.
        """
        import stamina

        manners, where = self.manners, _shown(method, path)
        if "://" in path or "?" in path:
            self.fail(f"{where}: asked for an address instead of a path")
        request = self._http.build_request(
            method, path.lstrip("/"), params=params, json=content, data=form
        )
        attempts = stamina.retry_context(
            on=self._again,
            attempts=manners.attempts,
            timeout=None,
            wait_initial=manners.wait_seconds,
            wait_max=max(manners.wait_seconds, manners.longest_wait_seconds),
            wait_jitter=manners.wait_seconds,
        )
        try:
            for attempt in attempts:
                with attempt:
                    return self._judged(where, self._answer(where, request))
        except _AgainError as error:
            self.fail(f"{where}: {error} ({manners.attempts} attempts at most)")
        raise AssertionError  # the loop returns or raises

    def pause(self, seconds: float) -> None:
        """Wait as the vendor's budget says. Raises SourceUnavailable when that is too long."""
        if seconds > self.manners.longest_wait_seconds:
            self.fail(f"asks to wait {seconds:.0f} s. The next run tries again")
        if seconds > 0:
            time.sleep(seconds)

    def fail(self, what: str) -> Never:
        """Give up on this system. what: without keys, queries or anything of a person."""
        raise SourceUnavailable(self.system, f"{what}.") from None

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def _answer(self, where: str, request: httpx.Request) -> Reply:
        """One attempt: the whole answer, or _AgainError when the line failed."""
        import httpx

        self.pause(self._last_started + self.manners.least_gap_seconds - time.monotonic())
        self._last_started = time.monotonic()
        try:
            with self._sent(request) as response:
                body = self._body(where, response)
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Reply(response.status_code, headers, body)
        except httpx.TimeoutException:
            raise _AgainError(f"no answer in {self.manners.timeout_seconds:g} s") from None
        except httpx.DecodingError:
            raise _AgainError("an answer whose compression is broken") from None
        except httpx.TransportError as error:
            raise _AgainError(f"the line failed ({type(error).__name__})") from None

    @contextmanager
    def _sent(self, request: httpx.Request) -> Iterator[httpx.Response]:
        response = self._http.send(request, stream=True)
        try:
            yield response
        finally:
            response.close()

    def _body(self, where: str, response: httpx.Response) -> bytes:
        pieces, size = [], 0
        for piece in response.iter_bytes():
            pieces.append(piece)
            size += len(piece)
            if size > self.manners.largest_bytes:
                self.fail(f"{where}: an answer of over {self.manners.largest_bytes} bytes")
            if time.monotonic() - self._last_started > self.manners.longest_seconds:
                self.fail(f"{where}: an answer of over {self.manners.longest_seconds:g} s")
        return b"".join(pieces)

    def _judged(self, where: str, reply: Reply) -> Reply:
        wait = self.manners.throttled(reply)
        if wait is not None:
            raise _AgainError("too many requests", wait)
        if reply.status in _WORTH_ANOTHER_TRY or reply.status >= _FIRST_SERVER_ERROR:
            asked = asked_wait(reply.headers, self.manners.reset_headers)
            raise _AgainError(f"status {reply.status}", asked)
        if reply.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            self.fail(f"{where}: status {reply.status}. Check the key and its rights")
        if reply.status >= _FIRST_CLIENT_ERROR:
            self.fail(f"{where}: status {reply.status}. Check the address and the version")
        if reply.status >= _FIRST_REDIRECT:
            self.fail(f"{where}: a redirect ({reply.status}). Set the final address")
        return reply

    def _again(self, error: Exception) -> bool | float:
        """Whether to try again; when the vendor said how long to wait, exactly so long."""
        if not isinstance(error, _AgainError):
            return False
        if error.wait is None:
            return True
        return error.wait if error.wait <= self.manners.longest_wait_seconds else False

    def _json(self, where: str, reply: Reply) -> Any:
        text = reply.body.removeprefix(_BYTE_ORDER_MARK).lstrip()
        if text.startswith(b"<"):
            self.fail(f"{where}: a page of HTML or XML instead of JSON")
        try:
            return json.loads(text, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            self.fail(f"{where}: {len(reply.body)} bytes that are not JSON")


class Trail:
    """The cursors of one listing so far: a cursor that comes back would be a loop without end."""

    def __init__(self, client: Client, what: str) -> None:
        self._client, self._what = client, what
        self._seen: set[str] = set()

    def step(self, cursor: str) -> str:
        """The cursor, when it is new. Raises SourceUnavailable."""
        if cursor in self._seen:
            self._client.fail(f"{self._what}: its cursor came back after {len(self._seen)} pages")
        self._seen.add(cursor)
        return cursor


def checked_url(system: str, url: str) -> str:
    """The URL with a slash at its end, when it may be asked. Raises SourceUnavailable."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise SourceUnavailable(system, "its URL cannot be read.") from None
    host = parts.hostname or ""
    if not host or parts.username or parts.password or parts.query or parts.fragment:
        raise SourceUnavailable(
            system, "its URL needs a host, and neither a key nor a query. Example: https://host/."
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
        raise SourceUnavailable(system, "its URL must begin with https.")
    return url.rstrip("/") + "/"


def _shown(method: str, path: str) -> str:
    """The request as an error may name it: a path can hold somebody's address, or a query."""
    parts = urlsplit(path).path.split("/")
    shown = "/".join("…" if "@" in part or "%" in part else part for part in parts)
    return f"{method} /{shown.lstrip('/')}"


def _refuse_constant(text: str) -> Never:
    raise ValueError(text)  # NaN and Infinity are not JSON


def _is_no_chatter(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING
