"""Brevo, API v3: the contacts and who may not be written to. What happened to messages comes by
files: the log of its webhooks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ingestion.http import Client, Manners
from ingestion.records import records
from ingestion.source import Source, SourceTable

if TYPE_CHECKING:
    import pyarrow as pa

Row = dict[str, Any]

_PAGE = 1000
# Ten requests a second for contacts; a 429 says in a header of its own when to come back.
_MANNERS = Manners(least_gap_seconds=0.11, reset_headers=("x-sib-ratelimit-reset",))


class _Reader:
    """Reads one account. A page is at most 1000 contacts."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        headers = {"api-key": settings["brevo_key"]}
        self._client = Client("brevo", settings["brevo_url"], headers=headers, manners=_MANNERS)

    def pages(self, table: SourceTable, since: datetime | None) -> Iterator[list[Row]]:
        """Contacts changed since, in the order in which they were made."""
        asked: dict[str, str | int] = {"limit": _PAGE, "sort": "asc"}
        if since is not None:
            asked["modifiedSince"] = _with_zone(since)
        offset, fewest = 0, None
        while True:
            page, count = self._page(asked | {"offset": offset})
            yield page
            moved = 0 if fewest is None else max(0, fewest - count)
            fewest = count if fewest is None else min(fewest, count)
            if moved:
                # Contacts deleted meanwhile moved the others forward: ask again from there.
                offset = max(0, offset - moved)
                continue
            offset += len({one["id"] for one in page})
            if not page or offset >= count:
                return

    def count(self, table: SourceTable, since: datetime | None) -> int | None:
        """How many contacts Brevo says have changed since."""
        asked: dict[str, str | int] = {"limit": 1, "offset": 0}
        if since is not None:
            asked["modifiedSince"] = _with_zone(since)
        return self._page(asked)[1]

    def keys(self, table: SourceTable) -> Iterator[pa.Table]:
        """The ids that exist."""
        import pyarrow as pa

        for page in self.pages(table, None):
            yield pa.table({"id": pa.array([str(one["id"]) for one in page], pa.string())})

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def _page(self, asked: Mapping[str, str | int]) -> tuple[list[Row], int]:
        answer = self._client.get_json("v3/contacts", asked)
        if not isinstance(answer, dict) or not isinstance(answer.get("count"), int):
            self._client.fail("an answer without 'count'. The API may have changed")
        # Without any contact the list is left out.
        contacts = records(self._client, "contacts", answer.get("contacts") or [], "id")
        return [_row(one) for one in contacts], answer["count"]


def _connect(settings: Mapping[str, str]) -> _Reader:
    return _Reader(settings)


def _row(contact: Row) -> Row:
    names = ("email", "emailBlacklisted", "smsBlacklisted", "createdAt", "modifiedAt")
    nested = {"listIds": contact.get("listIds", []), "attributes": contact.get("attributes", {})}
    return {"id": str(contact["id"]), **{name: contact.get(name) for name in names}, **nested}


def _with_zone(moment: datetime) -> str:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.isoformat(timespec="milliseconds").replace("+00:00", "Z")


SOURCE = Source(
    system="brevo",
    settings=("brevo_url", "brevo_key"),
    tables=(SourceTable("contacts", cursor="modifiedAt", key=("id",), finds_deletes=True),),
    connect=_connect,
)
