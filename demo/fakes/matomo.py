"""Matomo's reporting API, as far as it is read: sites, the last visit, visits with their actions.

Looked up, not guessed:
* POST to index.php, token in the body, XML unless format=json, errors with status 200 as
  {"result": "error", "message": …}, filter_limit (100 unless told, -1 for all) and filter_offset:
  developer.matomo.org/api-reference/reporting-api, api-evangelist/matomo;
* fields of visits and actions, newest visit first (type action, search, event, ecommerceOrder;
  productViewSku, siteSearchKeyword, eventAction, orderId, dimensionN, timestamp):
  matomo-org/matomo plugins/Live/tests/System/expected, plugins/Ecommerce/VisitorDetails.php,
  matomo.org/faq/understanding-visits-and-action-levels-in-matomo;
* Live.getMostRecentVisitsDateTime: matomo-org/matomo plugins/Live/API.php.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from demo.fakes.answers import Answer, Request, json_answer
from demo.fakes.server import Fake, Route
from demo.systems.documents import Document, Documents

_DEFAULT_LIMIT = 100
_MOST_SITES = 1000
_XML = (
    '<?xml version="1.0" encoding="utf-8" ?>\n<result>\n\t<row>no JSON asked for</row>\n</result>'
)
Form = dict[str, str]


class Matomo(Fake):
    """One installation over the store that demo.systems.matomo fills."""

    def __init__(self, home: Path, token: str) -> None:
        super().__init__()
        self.store = Documents(home / "demo" / "systems" / "matomo.db")
        self._token = token
        self._methods: dict[str, Callable[[Form], Any]] = {
            "SitesManager.getSitesWithAtLeastViewAccess": self._sites,
            "Live.getMostRecentVisitsDateTime": self._most_recent,
            "Live.getLastVisitsDetails": self._visits,
        }

    def routes(self) -> list[Route]:
        """One address for everything."""
        return [Route("POST", "/index.php", self._call)]

    def is_authorised(self, request: Request) -> bool:
        """The key is in the body: whether it fits is said with status 200."""
        return True

    def refusal(self, status: int, request: Request) -> Answer:
        """Most errors are successes, as far as HTTP goes."""
        if status == 404:  # noqa: PLR2004 - the web server's own page
            return Answer(404, b"<html><body>Not Found</body></html>", content_type="text/html")
        return _said("The parameters are not valid.")

    def _call(self, request: Request) -> Answer:
        asked = request.form()
        if request.query.get("token_auth"):
            return _said("The token may not be part of the URL. Please send it by POST.")
        if not hmac.compare_digest(asked.get("token_auth", ""), self._token):
            return _said("You can't access this resource as it requires 'view' access.")
        method = self._methods.get(asked.get("method", ""))
        if asked.get("module") != "API" or method is None:
            return _said("The method does not exist or is not available.")
        if asked.get("format") != "json":
            return Answer(200, _XML.encode(), content_type="text/xml; charset=utf-8")
        return json_answer(method(asked))

    def _sites(self, asked: Form) -> list[dict[str, Any]]:
        sites = self.store.after("sites", 0, _MOST_SITES)
        return [{"idsite": int(site.key), **site.body} for site in sites]

    def _most_recent(self, asked: Form) -> dict[str, str]:
        """The time of the last action on the site, empty when nobody came yet."""
        with self.store.open() as connection:
            found = connection.execute(
                "select max(changed_at) from documents where kind = 'visits' and parent = ?",
                (_site(asked),),
            ).fetchone()[0]
        return {"value": found[:19].replace("T", " ") if found else ""}

    def _visits(self, asked: Form) -> list[dict[str, Any]]:
        first, last = _days(asked)
        limit = int(asked.get("filter_limit", _DEFAULT_LIMIT))
        with self.store.open() as connection:
            rows = connection.execute(
                "select key from documents where kind = 'visits' and parent = ? "
                "and changed_at >= ? and changed_at < ? order by changed_at desc, number desc "
                "limit ? offset ?",
                (
                    _site(asked), first.isoformat(), (last + timedelta(days=1)).isoformat(),
                    limit, int(asked.get("filter_offset", 0)),
                ),
            ).fetchall()  # fmt: skip
        found = self.store.by_key("visits", [key for (key,) in rows])
        return [_shown(found[key]) for (key,) in rows]


def _shown(visit: Document) -> dict[str, Any]:
    actions = visit.body["actionDetails"]
    told = {
        "idSite": visit.parent,
        "idVisit": visit.key,
        "visitIp": "0.0.0.0",  # noqa: S104 - addresses are masked
        "actions": str(len(actions)),
        "serverDate": visit.changed_at[:10],
        "siteCurrency": "EUR",
    }
    return told | visit.body


def _site(asked: Form) -> str:
    if not asked.get("idSite", "").isdigit():
        raise ValueError("idSite")
    return asked["idSite"]


def _days(asked: Form) -> tuple[date, date]:
    """The days asked for. Raises ValueError."""
    if asked["period"] == "day":
        day = datetime.strptime(asked["date"], "%Y-%m-%d").date()  # noqa: DTZ007 - the site's day
        return day, day
    if asked["period"] != "range":
        raise ValueError("period")
    first, last = (date.fromisoformat(text) for text in asked["date"].split(","))
    return first, last


def _said(message: str) -> Answer:
    return json_answer({"result": "error", "message": message})
