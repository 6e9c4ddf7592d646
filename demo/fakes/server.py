"""Loopback HTTP for make-believe vendors: routes, keys, a request log, scripted faults.

A vendor is a `Fake`: it says its routes, who may call, and how it refuses. `serve(fake)` listens on
127.0.0.1 until the block ends. Handlers get a `Request` and give an `Answer`; a fault, asked for by
`fake.script(...)`, goes wrong with one request to come, before or after it had its effect.
"""

from __future__ import annotations

import re
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from demo.fakes.answers import Answer, Request
from demo.fakes.faults import Breaking, Fault


@dataclass(frozen=True)
class Logged:
    """One request as a test may count it: no query, no header, no body."""

    method: str
    path: str
    status: int  # 0: it never had an answer


Handler = Callable[..., Answer]


@dataclass(frozen=True)
class Route:
    """Requests of this method whose whole path matches; the groups of the pattern are arguments."""

    method: str
    pattern: str
    handler: Handler


class Fake:
    """One make-believe vendor. Subclasses give routes(), is_authorised() and refusal()."""

    def __init__(self) -> None:
        self.log: list[Logged] = []
        self._faults: deque[Fault] = deque()
        self._lock = threading.Lock()
        self._released = threading.Event()

    def routes(self) -> list[Route]:
        """What can be asked."""
        raise NotImplementedError

    def is_authorised(self, request: Request) -> bool:
        """Whether the request carries the right key."""
        raise NotImplementedError

    def refusal(self, status: int, request: Request) -> Answer:
        """The vendor's own words for 400, 401, 404 and the like."""
        raise NotImplementedError

    def script(self, *faults: Fault) -> None:
        """Make these go wrong, each with the first coming request it is about."""
        with self._lock:
            self._faults.extend(faults)

    def release(self) -> None:
        """Let every request that hangs go, unanswered."""
        self._released.set()

    def count(self, path: str = "") -> int:
        """How many requests came for paths that begin so."""
        return sum(logged.path.startswith(path) for logged in list(self.log))

    def answer(self, request: Request) -> tuple[Answer, Breaking]:
        """The answer to a request, and how the line breaks, faults included."""
        fault = self._next_fault(request) or Fault()
        if fault.breaks == "hang":
            self._released.wait()
            return Answer(0), "reset"
        if fault.is_after_effect or (fault.answer is None and fault.breaks != "reset"):
            answer = self.dispatch(request)
        else:
            answer = Answer()
        answer = fault.answer if fault.answer is not None else answer
        return (fault.edit(answer) if fault.edit else answer), fault.breaks

    def dispatch(self, request: Request) -> Answer:
        """The fake's own answer."""
        if not self.is_authorised(request):
            return self.refusal(401, request)
        for route in self.routes():
            found = re.fullmatch(route.pattern, request.path)
            if found and route.method == request.method:
                try:
                    return route.handler(request, *found.groups())
                except (ValueError, KeyError, TypeError):
                    return self.refusal(400, request)
        return self.refusal(404, request)

    def _next_fault(self, request: Request) -> Fault | None:
        with self._lock:
            for position, fault in enumerate(self._faults):
                if not request.path.startswith(fault.path):
                    continue
                if fault.skip:
                    self._faults[position] = replace(fault, skip=fault.skip - 1)
                elif fault.times > 1:
                    self._faults[position] = replace(fault, times=fault.times - 1)
                    return fault
                else:
                    del self._faults[position]
                    return fault
                return None
        return None


class _Handler(BaseHTTPRequestHandler):
    fake: Fake
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=unquote(parts.path),
            query=parse_qs(parts.query, keep_blank_values=True),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
        )
        answer, breaks = self.fake.answer(request)
        status = 0 if breaks == "reset" else answer.status
        self.fake.log.append(Logged(request.method, request.path, status))
        if breaks == "reset":
            self._reset()
        else:
            self._send(answer, is_cut=breaks == "cut")

    def do_GET(self) -> None:
        """Answer it."""
        self._handle()

    def do_POST(self) -> None:
        """Answer it."""
        self._handle()

    def do_PUT(self) -> None:
        """Answer it."""
        self._handle()

    def do_PATCH(self) -> None:
        """Answer it."""
        self._handle()

    def do_DELETE(self) -> None:
        """Answer it."""
        self._handle()

    def _send(self, answer: Answer, *, is_cut: bool) -> None:
        self.send_response(answer.status)
        headers = {"content-type": answer.content_type}
        headers |= {name.lower(): value for name, value in answer.headers.items()}
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body[: len(answer.body) // 2] if is_cut else answer.body)
        self.close_connection = self.close_connection or is_cut

    def _reset(self) -> None:
        # A linger of zero seconds makes closing the socket a reset instead of an orderly end.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: a request line holds keys and people."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a client that keeps its line open must not hold up the end

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing when a client went away: faults make that happen."""


@contextmanager
def serve(fake: Fake, port: int = 0) -> Iterator[str]:
    """Listen on 127.0.0.1 (port 0: any free one) until the block ends; yields the base URL."""
    handler = type("Handler", (_Handler,), {"fake": fake})
    server = _Server(("127.0.0.1", port), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.daemon = True
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        fake.release()
        server.shutdown()
        server.server_close()
        thread.join()
