"""A help desk by our generic REST contract (docs: how to connect one): its questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from ingestion.http import Client, Manners, Trail
from ingestion.records import records
from ingestion.source import Source, SourceTable

Row = dict[str, Any]

_PAGE = 200
_PATH = "api/v1/questions"
# 60 requests a minute: that many at once, a little below, then one a second.
_BURST, _GAP_SECONDS = 50, 1.0


class _Reader:
    """Reads one desk. A page is at most 200 questions."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        headers = {"Authorization": f"Bearer {settings['support_token']}"}
        self._client = Client(
            "support", settings["support_url"], headers=headers, manners=Manners()
        )
        self._asked_count = 0

    def pages(self, table: SourceTable, since: datetime | None) -> Iterator[list[Row]]:
        """Questions changed since, oldest change first."""
        asked = _asked(since, _PAGE)
        trail = Trail(self._client, table.name)
        while True:
            answer = self._page(asked)
            if answer["items"]:
                yield answer["items"]
            if not answer.get("next_cursor"):
                return
            asked["cursor"] = trail.step(str(answer["next_cursor"]))

    def count(self, table: SourceTable, since: datetime | None) -> int | None:
        """How many questions the desk says have changed since."""
        return int(self._page(_asked(since, 1))["total"])

    def keys(self, table: SourceTable) -> Iterator[Any]:
        """Nothing: a desk closes questions and does not delete them."""
        return iter(())

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def _page(self, asked: Mapping[str, str | int]) -> Row:
        if self._asked_count >= _BURST:
            self._client.pause(_GAP_SECONDS)
        self._asked_count += 1
        answer = self._client.get_json(_PATH, asked)
        is_page = isinstance(answer, dict) and isinstance(answer.get("items"), list)
        if not is_page or not isinstance(answer.get("total"), int):
            self._client.fail("an answer without 'items' or 'total'. Check what the desk sends")
        return {**answer, "items": records(self._client, "questions", answer["items"], "id")}


def _connect(settings: Mapping[str, str]) -> _Reader:
    return _Reader(settings)


def _asked(since: datetime | None, size: int) -> dict[str, str | int]:
    if since is None:
        return {"page_size": size}
    aware = since if since.tzinfo else since.replace(tzinfo=UTC)
    text = aware.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"page_size": size, "updated_since": text}


SOURCE = Source(
    system="support",
    settings=("support_url", "support_token"),
    tables=(SourceTable("questions", cursor="updated_at", key=("id",)),),
    connect=_connect,
)
