"""What keeps the pages safe: headers, a limit of requests, and forms bound to their link."""

from __future__ import annotations

import secrets
from collections import OrderedDict, deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from itsdangerous import URLSafeTimedSerializer

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
MOST_BYTES = 16_384  # the longest form, twice over
COOKIE = "preferences"
FORM_SECONDS = 4 * 3600


@dataclass
class Allowance:
    """At most `most` requests per key within `seconds`; forgets the keys that were quiet longest.

    clock: seconds, never going back.
    """

    most: int
    seconds: float
    clock: Callable[[], float]
    keys: int = 10_000
    _seen: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict)

    def take(self, key: str) -> bool:
        """Whether one more request of this key may pass."""
        now = self.clock()
        times = self._seen.setdefault(key, deque())
        self._seen.move_to_end(key)
        while times and times[0] <= now - self.seconds:
            times.popleft()
        if len(self._seen) > self.keys:
            self._seen.popitem(last=False)
        if len(times) >= self.most:
            return False
        times.append(now)
        return True


@dataclass(frozen=True)
class FormSeal:
    """Double submit: the form carries the cookie's nonce and its link, signed; a form that was
    made for another link, another browser or long ago is refused.
    """

    key: bytes = field(repr=False)

    def nonce(self) -> str:
        """A new secret for the browser's cookie."""
        return secrets.token_urlsafe(24)

    def seal(self, nonce: str, token: str, shown_yes: Collection[str]) -> str:
        """What the form carries; every page has its own, so that a form counts once.

        shown_yes: the questions that the page showed answered with yes.
        """
        return self._serializer.dumps([nonce, token, secrets.token_urlsafe(9), sorted(shown_yes)])

    def shown_yes(self, sealed: str) -> frozenset[str]:
        """The questions that the page of this form, which is ours, showed answered with yes."""
        return frozenset(self._serializer.loads(sealed, max_age=FORM_SECONDS)[3])

    def is_ours(self, sealed: str, nonce: str, token: str) -> bool:
        """Whether this form was made for that cookie and that link, lately."""
        from itsdangerous import BadData

        try:
            told = self._serializer.loads(sealed, max_age=FORM_SECONDS)
        except BadData:
            return False
        return bool(nonce) and isinstance(told, list) and told[:2] == [nonce, token]

    @property
    def _serializer(self) -> URLSafeTimedSerializer:
        from itsdangerous import URLSafeTimedSerializer

        return URLSafeTimedSerializer(self.key, salt="preference form")
