"""Who visits: a link that is ours and in time, a person known by it, a form from our own page."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from governance.preferences.guards import COOKIE, Allowance, FormSeal
from governance.preferences.links import Links, Reader, UnusableLink
from governance.preferences.pages import Pages, Place
from governance.preferences.people import FindPerson, Person
from governance.preferences.requests import TooLong, form_of, place_of
from governance.preferences.say import Desk

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from starlette.requests import Request

_WINDOW = 600.0
_PER_LINK, _PER_STRANGER = 120, 30  # requests in ten minutes: of one link; with links not ours


@dataclass(frozen=True)
class Centre:
    """What the pages stand on. now: naive UTC, the business clock; ticks: seconds, for limits."""

    engine: Engine
    links: Links
    find_person: FindPerson
    pages: Pages
    now: Callable[[], datetime]
    ticks: Callable[[], float] = time.monotonic
    is_behind_tls: bool = False
    _limits: dict[str, Allowance] = field(default_factory=dict)

    def limit(self, name: str, most: int) -> Allowance:
        """The allowance of that name."""
        return self._limits.setdefault(name, Allowance(most, _WINDOW, self.ticks))

    @property
    def seal(self) -> FormSeal:
        """What binds a form to its link and browser."""
        return FormSeal(self.links.form_key())

    def desk(self) -> Desk:
        """Where things are written down, now."""
        return Desk(self.engine, self.now())


@dataclass(frozen=True)
class Visit:
    """One request by somebody whose link is ours."""

    request: Request
    place: Place
    reader: Reader
    person: Person


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    """A request that gets a page instead of what it asked for."""

    def __init__(self, status: int, key: str, **told: Any) -> None:
        super().__init__(key)
        self.status, self.key, self.told = status, key, told


async def enter(centre: Centre, request: Request) -> Visit:
    """Whoever holds the link. Raises Refused: not ours, too often, nobody known by it."""
    from starlette.concurrency import run_in_threadpool

    place = place_of(request, centre.pages.languages)
    stranger = request.client.host if request.client else "unknown"
    try:
        reader = centre.links.read(place.token, centre.now().date())
    except UnusableLink:
        is_known = centre.limit("strangers", _PER_STRANGER).take(stranger)
        raise (Refused(404, "unusable") if is_known else Refused(429, "too_many")) from None
    if not centre.limit("links", _PER_LINK).take(reader.customer_id):
        raise Refused(429, "too_many")
    person = await run_in_threadpool(centre.find_person, reader.customer_id)
    if person is None:
        raise Refused(404, "unusable")
    return Visit(request, place, reader, person)


async def fresh_visit(centre: Centre, request: Request) -> Visit:
    """The same, by a link that is not too old and still stands for a person. Raises Refused."""
    visit = await enter(centre, request)
    if visit.reader.is_expired:
        raise Refused(410, "expired", is_stop_offered=True)
    if not visit.person.record_keys:
        raise Refused(410, "departed", is_stop_offered=True)
    return visit


async def posted(centre: Centre, visit: Visit) -> dict[str, str]:
    """The form, when it comes from our page. Raises Refused."""
    form = dict(await fields(visit.request))
    sealed, nonce = form.get("form", ""), visit.request.cookies.get(COOKIE, "")
    if not centre.seal.is_ours(sealed, nonce, visit.place.token):
        raise Refused(403, "form", back="try_again")
    return form


async def fields(request: Request) -> dict[str, str]:
    """The posted fields. Raises Refused when they are too long or cannot be read."""
    from starlette.exceptions import HTTPException

    try:
        return dict(await form_of(request))
    except (TooLong, HTTPException):
        raise Refused(400, "form", back="try_again") from None
