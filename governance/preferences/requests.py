"""What the pages need of a request: its language, its place, its form, within a limit of bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from governance.preferences.guards import MOST_BYTES
from governance.preferences.pages import Place

if TYPE_CHECKING:
    from starlette.requests import Request

_SHORTEST_QUALITY = 0.0


class TooLong(ValueError):  # noqa: N818 - says what the body is
    """The body is longer than any form of ours."""


def place_of(request: Request, languages: Sequence[str]) -> Place:
    """The page that is asked for, in the language that is asked for."""
    token = str(request.path_params.get("token", ""))
    depth = request.url.path.removeprefix(request.scope.get("root_path", "")).count("/") - 1
    page = "u" if request.scope["path"].startswith("/u/") else "p"
    here = f"{page}/{token}" if token else ""
    return Place(language_of(request, languages), token, "../" * depth or "./", here)


def language_of(request: Request, languages: Sequence[str]) -> str:
    """`?lang=`, else what the browser prefers, else the company's first language."""
    asked = request.query_params.get("lang", "")
    if asked in languages:
        return asked
    wanted = _by_quality(request.headers.get("accept-language", ""))
    return next((one for one in wanted if one in languages), languages[0])


def _by_quality(header: str) -> list[str]:
    """`fr-CH, en;q=0.8` → fr, en: the most wanted first."""
    found: list[tuple[float, int, str]] = []
    for part in header.split(",")[:20]:
        name, _, rest = part.partition(";")
        quality = rest.partition("=")[2].strip() or "1"
        weight = float(quality) if quality.replace(".", "", 1).isdigit() else _SHORTEST_QUALITY
        found.append((-weight, len(found), name.strip().lower().split("-")[0]))
    return [name for weight, _, name in sorted(found) if weight < 0]


async def form_of(request: Request) -> Mapping[str, str]:
    """The posted fields, the last one of each name. Raises TooLong."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise TooLong(f"more than {MOST_BYTES} bytes")
    return await _parsed(request, body)


async def _parsed(request: Request, body: bytes) -> Mapping[str, str]:
    from starlette.requests import Request as Again

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    fields = await Again(request.scope, receive).form(max_files=0, max_fields=100)
    return {name: value for name, value in fields.items() if isinstance(value, str)}
