"""The links that e-mails carry: who may speak, for how long, readable by nobody but us.

A token is the customer id and the day of issue under AES-SIV (RFC 5297): authenticated, so that
none can be made or changed without the key; encrypted, so that it says nothing about anybody; and
the same for the same person and day, so that a list made again is the same list.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV

VALID_FOR = timedelta(days=1096)  # as long as a prospect who stays silent may be kept: three years
_BOUND_TO = [b"habitue preference centre, 1"]
_DAY_BYTES = 3
_LONGEST = 400  # characters of a token; a customer id makes 52


class UnusableLink(ValueError):  # noqa: N818 - says what it is about, as in the pages
    """The token was not made with this company's key, or was changed."""


@dataclass(frozen=True)
class Reader:
    """Whom a token stands for, and whether its time is over."""

    customer_id: str
    issued_on: date
    is_expired: bool


@dataclass(frozen=True)
class Links:
    """Makes and reads the links of one company. base: where the pages are reached from outside."""

    base: str
    key: bytes = field(repr=False)

    def columns_for(self, customer_id: str, on: date) -> dict[str, str]:
        """The two columns of an e-mail row; issued by the month, so a list of today is the same
        list tomorrow.
        """
        token = self.token_for(customer_id, on.replace(day=1))
        base = self.base.rstrip("/")
        return {"preferences_link": f"{base}/p/{token}", "unsubscribe_link": f"{base}/u/{token}"}

    def token_for(self, customer_id: str, issued_on: date) -> str:
        """The token of one person, issued on that day."""
        day = issued_on.toordinal().to_bytes(_DAY_BYTES, "big")
        return urlsafe_b64encode(
            self._cipher.encrypt(day + customer_id.encode(), _BOUND_TO)
        ).decode()

    def read(self, token: str, on: date) -> Reader:
        """Whom the token stands for on that day. Raises UnusableLink."""
        from cryptography.exceptions import InvalidTag

        try:
            sealed = urlsafe_b64decode(token[:_LONGEST].encode("ascii"))
            told = self._cipher.decrypt(sealed, _BOUND_TO)
        except (ValueError, InvalidTag):
            raise UnusableLink("not a link of this company") from None
        issued_on = date.fromordinal(int.from_bytes(told[:_DAY_BYTES], "big"))
        customer_id = told[_DAY_BYTES:].decode()
        return Reader(customer_id, issued_on, on > issued_on + VALID_FOR)

    def form_key(self) -> bytes:
        """The key that binds a form to its link; another one than the links' own."""
        return _derived(self.key, b"forms")

    @cached_property
    def _cipher(self) -> AESSIV:
        from cryptography.hazmat.primitives.ciphers.aead import AESSIV

        return AESSIV(_derived(self.key, b"links"))


def _derived(key: bytes, use: bytes) -> bytes:
    """64 bytes from the company's key that serve one use only."""
    return hmac.new(key, b"habitue preference centre: " + use, hashlib.sha512).digest()
