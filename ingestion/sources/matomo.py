"""Matomo's reporting API: visits with their actions, of every site the token may see.

The token goes into the body: in an address it would end up in logs. Errors come with status 200.
Visits are asked for a few days at a time, since a far offset makes the tool search long.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ingestion.http import Client, Manners
from ingestion.records import records
from ingestion.source import Source, SourceTable

Row = dict[str, Any]

_PAGE, _DAYS = 200, 7
_MANNERS = Manners(timeout_seconds=120.0)


class _Reader:
    """Reads one installation. A page is at most 200 visits."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._client = Client("matomo", settings["matomo_url"], manners=_MANNERS)
        self._token = settings["matomo_token"]

    def pages(self, table: SourceTable, since: datetime | None) -> Iterator[list[Row]]:
        """Visits that began on the day of `since` or later, site by site."""
        for site in self._sites():
            number = str(site["idsite"])
            last = self._last_day(number)
            first = _day(site["ts_created"]) if since is None else _in_utc(since).date()
            while last is not None and first <= last:
                until = min(first + timedelta(days=_DAYS - 1), last)
                yield from self._visits(number, f"{first},{until}")
                first = until + timedelta(days=1)

    def count(self, table: SourceTable, since: datetime | None) -> int | None:
        """None: its archived figures count other visits than its log of them."""
        return None

    def keys(self, table: SourceTable) -> Iterator[Any]:
        """Nothing: visits are not deleted one by one."""
        return iter(())

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def _sites(self) -> list[Row]:
        sites = self._ask("SitesManager.getSitesWithAtLeastViewAccess")
        if not isinstance(sites, list) or not all(isinstance(site, dict) for site in sites):
            self._client.fail("its sites are not a list of objects. The API may have changed")
        return sites

    def _last_day(self, site: str) -> date | None:
        """The day of the last visit; None when nobody came yet."""
        answer = self._ask("Live.getMostRecentVisitsDateTime", idSite=site)
        text = answer.get("value") if isinstance(answer, dict) else None
        return _day(text) if text else None

    def _visits(self, site: str, days: str) -> Iterator[list[Row]]:
        asked = {"idSite": site, "period": "range", "date": days, "filter_limit": str(_PAGE)}
        asked["language"] = "en"  # kinds of device are words in the language of the account
        seen: set[str] = set()
        offset = 0
        # It counts nothing, so only an empty page is the end, and only when it is empty twice.
        while page := self._page(asked, offset) or self._page(asked, offset):
            names = {str(one["idVisit"]) for one in page}
            if names <= seen:
                self._client.fail(f"visits of {days}: the same page came twice")
            yield [_row(one) for one in page]
            seen |= names
            offset += len(names)

    def _page(self, asked: Mapping[str, str], offset: int) -> list[Row]:
        page = self._ask("Live.getLastVisitsDetails", filter_offset=str(offset), **asked)
        page = records(self._client, "visits", page, "idSite", "idVisit", "firstActionTimestamp")
        if not all(str(one["firstActionTimestamp"]).isdigit() for one in page):
            self._client.fail("visits: a time that is no number. The API may have changed")
        return page

    def _ask(self, method: str, **more: str) -> Any:
        form = {"module": "API", "method": method, "format": "json", "token_auth": self._token}
        answer = self._client.post_json("index.php", form=form | more)
        if isinstance(answer, dict) and answer.get("result") == "error":
            # Its message may repeat what was sent.
            self._client.fail(f"{method}: it answers with an error. Check token and rights")
        return answer


def _connect(settings: Mapping[str, str]) -> _Reader:
    return _Reader(settings)


def _row(visit: Row) -> Row:
    """What is kept of a visit: neither the masked IP address nor the pictures of icons."""
    names = (
        "visitorId", "userId", "deviceType", "referrerUrl", "siteName",
        "firstActionTimestamp", "lastActionTimestamp",
    )  # fmt: skip
    dimensions = {name: value for name, value in visit.items() if name.startswith("dimension")}
    return {
        "idSite": str(visit["idSite"]),
        "idVisit": str(visit["idVisit"]),
        "began_at": _iso(visit["firstActionTimestamp"]),
        **{name: visit.get(name) for name in names},
        "dimensions": dimensions,
        "actionDetails": visit.get("actionDetails") or [],
    }


def _iso(seconds: Any) -> str:
    return datetime.fromtimestamp(int(seconds), tz=UTC).isoformat().replace("+00:00", "Z")


def _day(text: str) -> date:
    return datetime.fromisoformat(text).date()


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment


SOURCE = Source(
    system="matomo",
    settings=("matomo_url", "matomo_token"),
    # Two days: a visit still goes on, and phones hand in late what they tracked without a network.
    tables=(
        SourceTable("visits", cursor="began_at", lag=timedelta(days=2), key=("idSite", "idVisit")),
    ),
    connect=_connect,
)
