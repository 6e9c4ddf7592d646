"""HubSpot CRM, API v3: contacts, companies, deals with their stages, activities, quotes, feedback.

Everything is listed the first time; later what changed is searched, oldest change first. A search
tells at most 10,000 results, so a longer one goes on from the last change it saw.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import islice
from typing import TYPE_CHECKING, Any

from ingestion.http import Client, Manners, Reply, Trail
from ingestion.records import records
from ingestion.source import Source, SourceTable

if TYPE_CHECKING:
    import pyarrow as pa

Row = dict[str, Any]

_OBJECTS = "crm/v3/objects"
_PAGE, _SEARCH_PAGE, _WITH_HISTORY, _MOST_RESULTS = 100, 200, 50, 10_000
# 190 requests in ten seconds and five searches a second (Professional), a little below.
_MANNERS = Manners(least_gap_seconds=0.055)
_SEARCH_GAP_SECONDS = 0.25
_POLICY_SECONDS = {"SECONDLY": 1.0, "TEN_SECONDLY_ROLLING": 10.0}

_CONTACT = """email phone firstname lastname date_of_birth address zip city hs_country_region_code
    age_band loyalty_card_number email_verified is_professional associatedcompanyid is_test
    createdate"""
_COMPANY = "name registration_number industry employee_band zip city hs_country_code createdate"
_DEAL = """parent_deal lead_type lead_origin product_of_interest amount deal_currency_code
    hubspot_owner_id pipeline dealstage createdate closedate"""
_ACTIVITY = """hs_timestamp contact_email contact_phone contact_handle contact_channel
    activity_context campaign_key activity_direction activity_milliseconds"""
_CALL = _ACTIVITY.replace("activity_direction activity_milliseconds", "") + (
    "hs_call_direction hs_call_duration"
)
_QUOTE = "quote_state hs_quote_amount hs_currency hs_createdate"
_FEEDBACK = """is_contact_valid project_on qualification outcome return_reason hubspot_owner_id
    reported_at"""

# Kind of object → its properties, and the kinds it is linked to.
_KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "contacts": (_CONTACT, ()),
    "companies": (_COMPANY, ()),
    "deals": (_DEAL, ("contacts", "companies")),
    "calls": (_CALL, ("contacts",)),
    "meetings": (_ACTIVITY, ("contacts",)),
    "notes": (_ACTIVITY, ("contacts",)),
    "communications": (_ACTIVITY + " activity_kind", ("contacts",)),
    "quotes": (_QUOTE, ("contacts", "deals")),
    "p_sales_feedback": (_FEEDBACK, ("deals",)),
}
_WITH_STAGES = {"deals"}
_ACTIVITIES = {"calls", "meetings", "notes", "communications"}
_ACTIVITY_TABLE = "activities_"
_DURATIONS = ("hs_call_duration", "activity_milliseconds")
_STAGE, _REASON = "dealstage", "return_reason"
_DELETED = {"contacts", "companies", "deals"}
_LINK_COLUMNS = {"contacts": "contact_id", "companies": "company_id", "deals": "deal_id"}


class _Reader:
    """Reads one account. A page is at most 200 objects."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        headers = {"Authorization": f"Bearer {settings['hubspot_token']}"}
        manners = replace(_MANNERS, throttled=_throttled)
        url = settings["hubspot_url"]
        self._client = Client("hubspot", url, headers=headers, manners=manners)
        slow = replace(manners, least_gap_seconds=_SEARCH_GAP_SECONDS)
        self._searching = Client("hubspot", url, headers=headers, manners=slow)

    def pages(self, table: SourceTable, since: datetime | None) -> Iterator[list[Row]]:
        """Objects changed since, with what they are linked to."""
        kind = _kind(table)
        found = self._listed(kind) if since is None else self._changed(kind, since)
        for page in found:
            if page:
                yield self._completed(kind, page)

    def count(self, table: SourceTable, since: datetime | None) -> int | None:
        """How many objects the CRM says have changed since."""
        asked: Row = {"limit": 1, "properties": []}
        if since is not None:
            asked["filterGroups"] = _changed_since(_kind(table), _milliseconds(since))
        answer = self._searching.post_json(f"{_OBJECTS}/{_kind(table)}/search", content=asked)
        total = _part(self._client, answer, "total", int)
        return int(total)

    def keys(self, table: SourceTable) -> Iterator[pa.Table]:
        """The ids that exist."""
        import pyarrow as pa

        for page in self._listed(_kind(table), properties=""):
            yield pa.table({"id": pa.array([one["id"] for one in page], pa.string())})

    def close(self) -> None:
        """Hang up."""
        self._client.close()
        self._searching.close()

    def _listed(self, kind: str, properties: str | None = None) -> Iterator[list[Row]]:
        wanted = _KINDS[kind][0] if properties is None else properties
        asked: dict[str, str | int] = {"limit": _PAGE, "properties": ",".join(wanted.split())}
        trail = Trail(self._client, kind)
        while True:
            answer = self._client.get_json(f"{_OBJECTS}/{kind}", asked)
            yield _objects(self._client, kind, answer)
            after = _after(answer)
            if after is None:
                return
            asked["after"] = trail.step(after)

    def _changed(self, kind: str, since: datetime) -> Iterator[list[Row]]:
        """Search from `since`, and on from the last change that each page tells.

        Positions move when an object is changed meanwhile, times do not; only what changed within
        one millisecond is paged through by position.
        """
        floor, after = _milliseconds(since), "0"
        trail = Trail(self._client, f"{kind}/search")
        while True:
            answer = self._search(kind, floor, after)
            page = _objects(self._client, kind, answer)
            yield page
            following = _after(answer)
            if following is None:
                return
            last = max((_changed_at(one) for one in page), default=floor)
            if last > floor:
                floor, following = last, "0"
            elif int(following) + _SEARCH_PAGE > _MOST_RESULTS:
                yield from self._listed(kind)  # more than a search can tell
                return
            after = trail.step(f"{floor}/{following}").split("/")[1]

    def _search(self, kind: str, floor: int, after: str) -> Any:
        asked = {
            "filterGroups": _changed_since(kind, floor),
            "sorts": [{"propertyName": _changed_property(kind), "direction": "ASCENDING"}],
            "properties": _KINDS[kind][0].split(),
            "limit": _SEARCH_PAGE,
            "after": after,
        }
        return self._searching.post_json(f"{_OBJECTS}/{kind}/search", content=asked)

    def _completed(self, kind: str, page: list[Row]) -> list[Row]:
        """The objects with the first object of each kind that they are linked to, and stages."""
        keys = [one["id"] for one in page]
        links = {to: self._links(kind, to, keys) for to in _KINDS[kind][1]}
        rows = [
            {
                "id": one["id"],
                "createdAt": one.get("createdAt"),
                "updatedAt": one.get("updatedAt"),
                "properties": one.get("properties") or {},
                **{_LINK_COLUMNS[to]: found.get(one["id"]) for to, found in links.items()},
            }
            for one in page
        ]
        if kind in _WITH_STAGES:
            histories = self._stages(keys)
            return [row | {"dealstages": histories.get(row["id"], [])} for row in rows]
        if kind in _ACTIVITIES:
            return [
                row | {"object_type": kind, "duration_seconds": _seconds(row["properties"])}
                for row in rows
            ]
        return rows

    def _stages(self, keys: list[str]) -> dict[str, list[Row]]:
        """Every stage that the deals had. A deal that is gone meanwhile has none."""
        found: dict[str, list[Row]] = {}
        for some in _batches(keys, _WITH_HISTORY):
            asked = {
                "inputs": [{"id": key} for key in some],
                "properties": [],
                "propertiesWithHistory": [_STAGE, _REASON],
            }
            answer = self._client.post_json(f"{_OBJECTS}/deals/batch/read", content=asked)
            for one in _part(self._client, answer, "results", list):
                found[one["id"]] = _with_reasons(one["propertiesWithHistory"])
        return found

    def _links(self, kind: str, to: str, keys: list[str]) -> dict[str, str]:
        asked = {"inputs": [{"id": key} for key in keys]}
        path = f"crm/v4/associations/{kind}/{to}/batch/read"
        answer = self._client.post_json(path, content=asked)
        return {
            str(one["from"]["id"]): str(one["to"][0]["toObjectId"])
            for one in _part(self._client, answer, "results", list)
            if one["to"]
        }


def _kind(table: SourceTable) -> str:
    return table.name.removeprefix(_ACTIVITY_TABLE)


def _connect(settings: Mapping[str, str]) -> _Reader:
    return _Reader(settings)


def _part(client: Client, answer: Any, name: str, kind: type) -> Any:
    """A part of an answer that must be there. Raises SourceUnavailable."""
    if not isinstance(answer, dict) or not isinstance(answer.get(name), kind):
        client.fail(f"an answer without {name!r}. The API may have changed: check its version")
    return answer[name]


def _objects(client: Client, kind: str, answer: Any) -> list[Row]:
    """The objects of a page, their ids as text. Raises SourceUnavailable."""
    found = records(client, kind, _part(client, answer, "results", list), "id")
    return [one | {"id": str(one["id"])} for one in found]


def _after(answer: Row) -> str | None:
    following = (answer.get("paging") or {}).get("next") or {}
    return str(following["after"]) if "after" in following else None


def _changed_property(kind: str) -> str:
    return "lastmodifieddate" if kind == "contacts" else "hs_lastmodifieddate"


def _changed_since(kind: str, floor: int) -> list[Row]:
    one = {"propertyName": _changed_property(kind), "operator": "GTE", "value": str(floor)}
    return [{"filters": [one]}]


def _milliseconds(moment: datetime) -> int:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return math.floor(aware.timestamp() * 1000)


def _changed_at(one: Row) -> int:
    """In milliseconds; 0 for what is no time, which moves no search on."""
    try:
        return _milliseconds(datetime.fromisoformat(str(one.get("updatedAt"))))
    except ValueError:
        return 0


def _seconds(properties: Row) -> str | None:
    """How long an activity lasted: the CRM tells milliseconds. What is no number stays as it is."""
    told = next((str(properties[name]) for name in _DURATIONS if properties.get(name)), None)
    return str(int(told) // 1000) if told is not None and told.isdecimal() else told


def _with_reasons(history: Row) -> list[Row]:
    """The stages of a deal, each with the reason that was given in the same save."""
    reasons = {one["timestamp"]: one["value"] for one in history.get(_REASON, [])}
    return [
        stage | {"return_reason": reasons.get(stage["timestamp"])}
        for stage in history.get(_STAGE, [])
    ]


def _batches(keys: list[str], size: int) -> Iterator[list[str]]:
    found = iter(keys)
    while some := list(islice(found, size)):
        yield some


def _throttled(reply: Reply) -> float | None:
    """Seconds that the policy named in a 429 asks for; a day's budget is not waited for."""
    if reply.status != HTTPStatus.TOO_MANY_REQUESTS or "retry-after" in reply.headers:
        return None
    try:
        policy = json.loads(reply.body).get("policyName")
    except (ValueError, AttributeError):
        return None
    return math.inf if policy == "DAILY" else _POLICY_SECONDS.get(policy)


SOURCE = Source(
    system="hubspot",
    settings=("hubspot_url", "hubspot_token"),
    tables=tuple(
        SourceTable(
            f"{_ACTIVITY_TABLE}{kind}" if kind in _ACTIVITIES else kind,
            cursor="updatedAt",
            key=("id",),
            finds_deletes=kind in _DELETED,
        )
        for kind in _KINDS
    ),
    connect=_connect,
)
