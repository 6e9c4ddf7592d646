"""The signed webhook: batches of rows, one idempotency key each, one acknowledgement each.

A request carries `Habitue-Signature: t=<seconds>,v1=<hex>`, the HMAC-SHA256 of
`<seconds>.<body>` under the shared secret. The answer is 200 or 207 with
`{"results": [{"idempotency_key": …, "status": "accepted" | "rejected", "reason": …}]}`.
What does not answer, or does not name a row, leaves the row due: it is sent again with its key.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import re
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from activation.destination import (
    ContactRow,
    DeliveryFailed,
    DeliverySettings,
    OutgoingRow,
    Receipt,
    Shipment,
)

if TYPE_CHECKING:
    import httpx

BATCH_SIZE = 200
LONGEST_WAIT_SECONDS = 30.0  # a tool may ask for more; the row is then due for the next run
_REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
_FIRST_CLIENT_ERROR, _FIRST_SERVER_ERROR = 400, 500
_LOOPBACK_NAMES = ("localhost",)
_NUMBER = re.compile(r"(0x[0-9a-f]*|\d+)(\.(0x[0-9a-f]*|\d+))*")  # 2130706433, 0x7f.1


class _NoAnswerError(Exception):
    """Nothing certain is known about the batch. wait: what the tool asked for, in seconds."""

    def __init__(self, wait: float | None = None) -> None:
        super().__init__("no certain answer")
        self.wait = wait


class _BadBatchError(Exception):
    """The tool refuses the batch as a whole; one row of it may be why."""


def sign(secret: str, seconds: int, body: bytes) -> str:
    """The signature header of a body sent at that second."""
    message = str(seconds).encode() + b"." + body
    return f"t={seconds},v1={hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()}"


def check_url(url: str | None, *, is_loopback_allowed: bool) -> str:
    """The URL, when data may be sent there. Raises DeliveryFailed saying what to set."""
    parts = urlsplit(url or "")
    host = parts.hostname or ""
    if not url or not host or parts.username or parts.password:
        raise DeliveryFailed("HABITUE_WEBHOOK_URL: expected an https address, found none usable.")
    is_loopback, is_private = _nearness(host)
    if is_loopback and is_loopback_allowed and parts.scheme in ("http", "https"):
        return url
    if parts.scheme != "https":
        raise DeliveryFailed("HABITUE_WEBHOOK_URL: only https is sent to. Use an https address.")
    if is_loopback or is_private:
        raise DeliveryFailed("HABITUE_WEBHOOK_URL: points into the own network. Use a public host.")
    return url


def _nearness(host: str) -> tuple[bool, bool]:
    """(is loopback, is private) of a host name or a literal address."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        name = host.lower().rstrip(".")
        return name in _LOOPBACK_NAMES, _NUMBER.fullmatch(name) is not None
    return address.is_loopback, not address.is_global


class WebhookSender:
    """Posts batches to one URL."""

    def __init__(self, settings: DeliverySettings) -> None:
        allowed = settings.is_loopback_allowed
        self._url = check_url(settings.webhook_url, is_loopback_allowed=allowed)
        if not settings.webhook_secret:
            raise DeliveryFailed("HABITUE_WEBHOOK_SECRET: empty. Set the secret of the receiver.")
        self._settings = settings
        self._clock = settings.clock or time.time
        self.batch_size: int | None = BATCH_SIZE

    def send(self, shipment: Shipment, rows: Sequence[OutgoingRow]) -> Mapping[str, Receipt]:
        """Receipts of the rows that the tool answered about. Raises DeliveryFailed."""
        import httpx

        timeout = self._settings.timeout_seconds
        # No redirect and no proxy from the environment: rows go where the setting says.
        with httpx.Client(timeout=timeout, follow_redirects=False, trust_env=False) as client:
            return self._send_or_split(client, shipment, rows)

    def _send_or_split(
        self, client: httpx.Client, shipment: Shipment, rows: Sequence[OutgoingRow]
    ) -> dict[str, Receipt]:
        try:
            return self._send_with_retries(client, shipment, rows)
        except _NoAnswerError:
            return {}
        except _BadBatchError as error:
            if len(rows) == 1:
                return {rows[0].idempotency_key: Receipt("rejected", str(error))}
        half = len(rows) // 2
        first = self._send_or_split(client, shipment, rows[:half])
        return first | self._send_or_split(client, shipment, rows[half:])

    def _send_with_retries(
        self, client: httpx.Client, shipment: Shipment, rows: Sequence[OutgoingRow]
    ) -> dict[str, Receipt]:
        import stamina

        body = _body(shipment, rows)
        wanted = {row.idempotency_key for row in rows}
        wait = self._settings.retry_wait_seconds
        attempts = stamina.retry_context(
            on=_backoff,
            attempts=self._settings.retry_attempts,
            timeout=None,
            wait_initial=wait,
            wait_max=max(wait, LONGEST_WAIT_SECONDS) if wait else 0,
            wait_jitter=wait,
        )
        for attempt in attempts:
            with attempt:
                return _receipts(self._post(client, body), wanted)
        raise _NoAnswerError

    def _post(self, client: httpx.Client, body: bytes) -> httpx.Response:
        import httpx

        seconds = int(self._clock())
        headers = {
            "Content-Type": "application/json",
            "Habitue-Signature": sign(self._settings.webhook_secret, seconds, body),
        }
        try:
            response = client.post(self._url, content=body, headers=headers)
        except httpx.TransportError as error:
            raise _NoAnswerError from error
        _raise_for(response)
        return response


def _body(shipment: Shipment, rows: Sequence[OutgoingRow]) -> bytes:
    content = {
        "campaign": shipment.campaign,
        "channel": shipment.channel,
        "purpose": shipment.purpose,
        "destination": shipment.destination,
        "as_of_date": shipment.as_of.isoformat(),
        "rows": [_row(row) for row in rows],
    }
    return json.dumps(content, ensure_ascii=False, allow_nan=False).encode()


def _row(row: OutgoingRow) -> dict[str, Any]:
    """Empty values are left out: they must not blank a field of the tool."""
    values = {name: value for name, value in row.payload.items() if value is not None}
    if not isinstance(row, ContactRow):
        values = {name: value for name, value in values.items() if name in _REMOVAL}
    return {"idempotency_key": row.idempotency_key, "effect": row.effect, "values": values}


_IDENTIFIERS = ("customer_key", "email", "phone", "address_line", "postal_code", "city")
_REMOVAL = (*_IDENTIFIERS, "reason_en", "reason_fr", "data_as_of")


def _raise_for(response: httpx.Response) -> None:
    status = response.status_code
    if status in (HTTPStatus.OK, HTTPStatus.MULTI_STATUS):
        return
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= _FIRST_SERVER_ERROR:
        raise _NoAnswerError(_retry_after(response.headers.get("Retry-After")))
    if status in _REFUSED or status < _FIRST_CLIENT_ERROR:
        raise DeliveryFailed(f"The receiver answered {status}: check the address and the secret.")
    raise _BadBatchError(f"refused with status {status}")


def _retry_after(header: str | None) -> float | None:
    """Seconds to wait, from a number or a date; None when the tool did not say."""
    if not header:
        return None
    if header.strip().isdigit():
        return float(header)
    try:
        until = parsedate_to_datetime(header)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())


def _backoff(error: Exception) -> bool | float:
    """Again? After the time that the tool asked for, if it did and it is not too long."""
    if not isinstance(error, _NoAnswerError):
        return False
    if error.wait is None:
        return True
    return error.wait if error.wait <= LONGEST_WAIT_SECONDS else False


def _receipts(response: httpx.Response, wanted: set[str]) -> dict[str, Receipt]:
    """Receipts of wanted rows; the first word about a row counts."""
    try:
        results = response.json()["results"]
        receipts: dict[str, Receipt] = {}
        for result in results:
            key, status = result["idempotency_key"], result["status"]
            if key in wanted and status in ("accepted", "rejected"):
                receipts.setdefault(key, Receipt(status, str(result.get("reason") or "")))
    except (ValueError, KeyError, TypeError) as error:
        raise _NoAnswerError from error
    return receipts
