"""A preference centre by our REST contract: its journal of consents, choices and erasure requests.

Each page is JSON lines. A journal without the line it ends on is refused: half a page is no page.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from ingestion.http import Client, Manners, Reply, Trail
from ingestion.records import records
from ingestion.source import Source, SourceTable

Row = dict[str, Any]

_PAGE = 1000
_MANNERS = Manners(least_gap_seconds=0.1)  # ten requests a second
# Table → kind of event in the address.
_JOURNALS = {"consents": "consent", "choices": "preference", "erasures": "erasure"}


class _Reader:
    """Reads one centre. A page is at most 1000 events."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        headers = {"Authorization": f"Bearer {settings['preferences_token']}"}
        self._client = Client(
            "preferences", settings["preferences_url"], headers=headers, manners=_MANNERS
        )

    def pages(self, table: SourceTable, since: datetime | None) -> Iterator[list[Row]]:
        """Events written since, in the order of their writing."""
        asked = _asked(since, _PAGE)
        trail = Trail(self._client, table.name)
        while True:
            reply = self._reply(table, asked)
            events = self._events(table, reply)
            if events:
                yield events
            following = reply.headers.get("x-next-after")
            if following is None:
                return
            asked["after"] = trail.step(following)

    def count(self, table: SourceTable, since: datetime | None) -> int | None:
        """How many events the centre says were written since."""
        stated = self._reply(table, _asked(since, 1)).headers.get("x-total-count", "")
        return int(stated) if stated.isdigit() else None

    def keys(self, table: SourceTable) -> Iterator[Any]:
        """Nothing: a journal only grows."""
        return iter(())

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def _reply(self, table: SourceTable, asked: Mapping[str, str | int]) -> Reply:
        path = f"v1/events/{_JOURNALS[table.name]}"
        return self._client.request("GET", path, params=asked)

    def _events(self, table: SourceTable, reply: Reply) -> list[Row]:
        if reply.body and not reply.body.endswith(b"\n"):
            self._client.fail(f"{table.name}: the last line has no end")
        try:
            events = [json.loads(line) for line in reply.body.splitlines() if line.strip()]
        except (ValueError, RecursionError):
            self._client.fail(f"{table.name}: a line that is not JSON")
        return records(self._client, table.name, events, "id")


def _connect(settings: Mapping[str, str]) -> _Reader:
    return _Reader(settings)


def _asked(since: datetime | None, size: int) -> dict[str, str | int]:
    if since is None:
        return {"limit": size}
    aware = since if since.tzinfo else since.replace(tzinfo=UTC)
    text = aware.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"limit": size, "since": text}


SOURCE = Source(
    system="preferences",
    settings=("preferences_url", "preferences_token"),
    tables=tuple(SourceTable(name, cursor="recorded_at", key=("id",)) for name in _JOURNALS),
    connect=_connect,
)
