"""A make-believe mail house on loopback: takes signed rows, and keeps each effect once.

`python -m demo.tool HOME PORT` runs it with the secret in HABITUE_WEBHOOK_SECRET.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import sqlite3
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

OLDEST_SECONDS = 300  # an older signature may be a recording, played again
_SCHEMA = """
create table if not exists effects (
    idempotency_key text primary key, campaign text not null, effect text not null,
    customer_key text not null, row_json text not null, received_at text not null
);
create table if not exists members (
    campaign text not null, customer_key text not null, row_json text not null,
    primary key (campaign, customer_key)
);
"""


@dataclass
class Fault:
    """What goes wrong with one request.

    status: answered instead (0: close the line without a word). is_after_effect: the rows were
    taken before it went wrong. rejected: idempotency keys or customer keys refused, with reason.
    forgotten: rows taken but left out of the answer. poison: a household whose batch is refused.
    pause: called before answering.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    is_after_effect: bool = False
    rejected: frozenset[str] = frozenset()
    forgotten: frozenset[str] = frozenset()
    poison: str = ""
    pause: Callable[[], None] | None = None


class Tool:
    """The tool's store and its scripted faults, one per coming request."""

    def __init__(self, database: Path, secret: str) -> None:
        database.parent.mkdir(parents=True, exist_ok=True)
        self._database, self._secret = database, secret
        self._lock = threading.Lock()
        self.faults: deque[Fault] = deque()
        self.always = Fault()
        self.request_count = 0
        with self._connect() as connection:
            connection.executescript(_SCHEMA)

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self._database, timeout=30)
        try:
            with connection:
                yield connection
        finally:
            connection.close()

    def is_signed(self, header: str, body: bytes) -> bool:
        """Whether the signature is ours and fresh."""
        parts = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
        seconds = parts.get("t", "")
        if not seconds.isdigit() or abs(time.time() - int(seconds)) > OLDEST_SECONDS:
            return False
        message = seconds.encode() + b"." + body
        wanted = hmac.new(self._secret.encode(), message, hashlib.sha256).hexdigest()
        return hmac.compare_digest(wanted, parts.get("v1", ""))

    def take(self, batch: dict[str, Any], fault: Fault) -> list[dict[str, str]]:
        """Apply every row once; a key seen before is acknowledged again and changes nothing."""
        results = []
        with self._lock, self._connect() as connection:
            for row in batch["rows"]:
                key = row["idempotency_key"]
                name = str(row["values"].get("customer_key", ""))
                if key in fault.rejected or name in fault.rejected or not name:
                    refused = {"status": "rejected", "reason": "unknown household"}
                    results.append({"idempotency_key": key, **refused})
                    continue
                self._apply(connection, batch["campaign"], row)
                if key not in fault.forgotten and name not in fault.forgotten:
                    results.append({"idempotency_key": key, "status": "accepted"})
        return results

    def _apply(self, connection: sqlite3.Connection, campaign: str, row: dict[str, Any]) -> None:
        key, name = row["idempotency_key"], str(row["values"]["customer_key"])
        content = json.dumps(row["values"], ensure_ascii=False, sort_keys=True)
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        new = connection.execute(
            "insert or ignore into effects values (?, ?, ?, ?, ?, ?)",
            (key, campaign, row["effect"], name, content, stamp),
        )
        if new.rowcount == 0:
            return
        if row["effect"] == "remove":
            connection.execute(
                "delete from members where campaign = ? and customer_key = ?", (campaign, name)
            )
        else:
            connection.execute(
                "insert or replace into members values (?, ?, ?)", (campaign, name, content)
            )

    def members(self, campaign: str) -> dict[str, dict[str, Any]]:
        """Household key → row, as the tool holds them now."""
        with self._connect() as connection:
            rows = connection.execute(
                "select customer_key, row_json from members where campaign = ?", (campaign,)
            ).fetchall()
        return {name: json.loads(content) for name, content in rows}

    def effects(self) -> list[tuple[str, str, str]]:
        """(campaign, effect, household key) of every effect, in order of arrival."""
        with self._connect() as connection:
            return connection.execute(
                "select campaign, effect, customer_key from effects order by rowid"
            ).fetchall()


class _Handler(BaseHTTPRequestHandler):
    tool: Tool

    def do_POST(self) -> None:
        """Take one batch."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.tool.request_count += 1
        if not self.tool.is_signed(self.headers.get("Habitue-Signature", ""), body):
            self._answer(401, b'{"error": "signature"}', {})
            return
        fault = self.tool.faults.popleft() if self.tool.faults else self.tool.always
        is_taken = fault.status in (200, 207) or fault.is_after_effect
        batch = json.loads(body)
        if fault.poison and fault.poison in {
            row["values"]["customer_key"] for row in batch["rows"]
        }:
            self._answer(400, b'{"error": "bad row"}', {})
            return
        results = self.tool.take(batch, fault) if is_taken else []
        if fault.pause is not None:
            fault.pause()
        if fault.status == 0:
            self.close_connection = True
            return
        answer = json.dumps({"results": results}).encode() if fault.body is None else fault.body
        self._answer(fault.status, answer, fault.headers)

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: a request line is no news, and a body is somebody's."""


@dataclass
class Running:
    """A tool that is listening."""

    tool: Tool
    url: str


@contextmanager
def serve(home: Path, port: int, secret: str) -> Iterator[Running]:
    """Listen on 127.0.0.1 (port 0: any free one) until the block ends; keeps home/demo/tool.db."""
    tool = Tool(home / "demo" / "tool.db", secret)
    handler = type("Handler", (_Handler,), {"tool": tool})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Running(tool, f"http://127.0.0.1:{server.server_address[1]}/rows")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def main() -> None:
    """Serve until interrupted; print the address first."""
    home, port = Path(sys.argv[1]), int(sys.argv[2])
    with serve(home, port, os.environ["HABITUE_WEBHOOK_SECRET"]) as running:
        print(running.url, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
