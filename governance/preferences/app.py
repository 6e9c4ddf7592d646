"""The preference centre as a web process: a few pages behind signed links.

Opening a page changes nothing: mail scanners follow every link. What is said is written down at
once, in the state database only. A log line has the page, the status and the time; no token, no
address, no person.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog

from governance.preferences import choices
from governance.preferences.guards import COOKIE, HEADERS
from governance.preferences.pages import STYLE, Outcome
from governance.preferences.requests import place_of
from governance.preferences.say import STOP_EMAIL, STOP_EVERYTHING, Act, By
from governance.preferences.visits import (
    Centre,
    Refused,
    Visit,
    enter,
    fields,
    fresh_visit,
    posted,
)

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

_log = structlog.get_logger(__name__)


def build_app(centre: Centre) -> Starlette:
    """The application; it opens nothing and starts nothing by itself."""
    from starlette.applications import Starlette
    from starlette.routing import Route

    def route(path: str, name: str, method: str, answer: Answer) -> Route:
        endpoint = partial(_guarded, centre, name, answer)
        return Route(path, _named(endpoint), methods=[method], name=name)

    return Starlette(
        routes=[
            route("/p/{token}", "preferences", "GET", _show),
            route("/p/{token}", "save", "POST", _save),
            route("/p/{token}/details", "details", "POST", _correct),
            route("/u/{token}", "unsubscribe", "GET", _ask),
            route("/u/{token}", "stop", "POST", _stop),
            route("/style.css", "style", "GET", _style),
            route("/healthz", "health", "GET", _health),
        ],
        exception_handlers={
            404: _named(partial(_guarded, centre, "missing", _missing)),
            405: _named(partial(_guarded, centre, "missing", _missing)),
        },
    )


Answer = Callable[[Centre, "Request"], Awaitable["Response"]]


def _named(endpoint: Any) -> Callable[..., Awaitable[Response]]:
    async def answer(request: Request, *_: object) -> Response:
        return await endpoint(request)  # type: ignore[no-any-return]

    return answer


async def _guarded(centre: Centre, name: str, answer: Answer, request: Request) -> Response:
    """The answer, or a page that says why not; always with its headers, always with a log line."""
    started = time.monotonic()
    try:
        response = await answer(centre, request)
    except Refused as refused:
        response = _page(centre, request, refused)
    except Exception as error:  # nobody is shown a traceback, and no log holds a person
        _log.error("preference centre failed", page=name, error=type(error).__name__)
        is_busy = type(error).__name__ == "OperationalError"
        response = _page(
            centre, request, Refused(503, "busy") if is_busy else Refused(500, "failed")
        )
    response.headers.update(HEADERS)
    spent = round((time.monotonic() - started) * 1000)
    _log.info("preference centre", page=name, status=response.status_code, milliseconds=spent)
    return response


def _page(centre: Centre, request: Request, refused: Refused) -> Response:
    from starlette.responses import HTMLResponse

    place = place_of(request, centre.pages.languages)
    told = {"role": "alert", **refused.told}
    response = HTMLResponse(centre.pages.message(place, refused.key, **told), refused.status)
    if refused.status in (429, 503):
        response.headers["Retry-After"] = "60"
    return response


async def _show(centre: Centre, request: Request) -> Response:
    visit = await fresh_visit(centre, request)
    done = request.query_params.get("done", "")
    outcome = Outcome(done if done in ("saved", "corrected") else "")
    return await _preferences(centre, visit, outcome)


async def _preferences(
    centre: Centre, visit: Visit, outcome: Outcome, status: int = 200
) -> Response:
    from starlette.concurrency import run_in_threadpool
    from starlette.responses import HTMLResponse

    standing = await run_in_threadpool(centre.desk().standing, visit.person)
    nonce = visit.request.cookies.get(COOKIE) or centre.seal.nonce()
    form = centre.seal.seal(nonce, visit.place.token, choices.yes_fields(standing))
    page = centre.pages.preferences(visit.place, standing, form, outcome)
    response = HTMLResponse(page, status)
    response.set_cookie(
        COOKIE, nonce, httponly=True, samesite="strict", secure=centre.is_behind_tls
    )
    return response


async def _save(centre: Centre, request: Request) -> Response:
    from starlette.concurrency import run_in_threadpool

    visit = await fresh_visit(centre, request)
    form = await posted(centre, visit)

    def write() -> None:
        desk = centre.desk()
        standing = desk.standing(visit.person)
        shown = centre.seal.shown_yes(form["form"])
        acts = choices.acts_of(form, standing, visit.place.lang, shown)
        chosen = choices.choices_of(form, standing)
        by = By(form["form"], visit.person.customer_id, standing)
        desk.say(visit.person, by, acts, chosen)

    try:
        await run_in_threadpool(write)
    except ValueError:  # an answer that the page does not offer
        raise Refused(400, "form", back="try_again") from None
    return _back(visit, "saved")


async def _correct(centre: Centre, request: Request) -> Response:
    from starlette.concurrency import run_in_threadpool

    visit = await fresh_visit(centre, request)
    form = await posted(centre, visit)

    def write() -> dict[str, str]:
        desk = centre.desk()
        standing = desk.standing(visit.person)
        details, errors = choices.details_of(form, standing)
        if details and not errors:
            by = By(form["form"], visit.person.customer_id, standing)
            desk.say(visit.person, by, [], details)
        return errors

    errors = await run_in_threadpool(write)
    if errors:
        return await _preferences(centre, visit, Outcome(errors=errors, typed=form), 422)
    return _back(visit, "corrected")


def _back(visit: Visit, done: str) -> Response:
    """Show the page again, so that reloading it sends nothing twice."""
    from starlette.responses import RedirectResponse

    place = visit.place
    there = f"{place.root}p/{place.token}?lang={place.lang}&done={done}"
    return RedirectResponse(there, status_code=303)


async def _ask(centre: Centre, request: Request) -> Response:
    from starlette.responses import HTMLResponse

    visit = await enter(centre, request)
    return HTMLResponse(centre.pages.unsubscribe(visit.place))


async def _stop(centre: Centre, request: Request) -> Response:
    """RFC 8058 and the page's own buttons. Needs no cookie, and an old link will do: whoever has
    the link may stop, and stopping harms nobody.
    """
    from starlette.concurrency import run_in_threadpool
    from starlette.responses import HTMLResponse

    visit = await enter(centre, request)
    form = await fields(request)
    act = _asked_to_stop(form)
    await run_in_threadpool(centre.desk().stop, visit.person, act)
    key = "stopped_all" if act is STOP_EVERYTHING else "stopped_email"
    back = "" if visit.reader.is_expired else "back"
    return HTMLResponse(centre.pages.message(visit.place, key, role="status", back=back))


def _asked_to_stop(form: dict[str, str]) -> Act:
    if form.get("stop") == "all":
        return STOP_EVERYTHING
    if form.get("List-Unsubscribe", "").strip().lower() == "one-click":
        return STOP_EMAIL
    raise Refused(400, "form", back="try_again")


async def _style(_: Centre, __: Request) -> Response:
    from starlette.responses import Response

    return Response(STYLE, media_type="text/css")


async def _health(_: Centre, __: Request) -> Response:
    from starlette.responses import PlainTextResponse

    return PlainTextResponse("well")


async def _missing(_: Centre, __: Request) -> Response:
    raise Refused(404, "missing")
