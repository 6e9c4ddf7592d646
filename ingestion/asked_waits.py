"""How long a vendor asks to be left alone, from the headers of its answer."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_OLDEST_EPOCH_SECONDS = 1_000_000_000  # a number above it states a moment, not a duration


def asked_wait(headers: Mapping[str, str], reset_headers: tuple[str, ...] = ()) -> float | None:
    """Seconds that the vendor asks to wait, None when it does not say.

    headers: of its answer, names in lower case. reset_headers: names it uses instead of
    Retry-After for the seconds to wait, or for the moment (epoch) when it answers again.
    """
    header = headers.get("retry-after", "").strip()
    if header:
        return _seconds(header) if _is_number(header) else _until(header, headers)
    for name in reset_headers:
        value = headers.get(name, "").strip()
        if _is_number(value):
            return _seconds(value)
    return None


def _seconds(number: str) -> float:
    seconds = float(number)
    if seconds > _OLDEST_EPOCH_SECONDS:
        seconds -= time.time()
    return max(0.0, seconds)


def _until(date: str, headers: Mapping[str, str]) -> float | None:
    """Seconds until that date by the vendor's own clock, where it states it: ours may differ."""
    try:
        until = parsedate_to_datetime(date)
    except ValueError:
        return None
    try:
        now = parsedate_to_datetime(headers["date"])
    except (KeyError, ValueError):
        now = datetime.now(UTC)
    until, now = (moment.replace(tzinfo=moment.tzinfo or UTC) for moment in (until, now))
    return max(0.0, (until - now).total_seconds())


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isascii() and text.replace(".", "", 1).isdigit()
