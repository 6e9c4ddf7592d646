"""What a destination is: what it takes, and how rows get there. Rows carry a gate's Allowed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

from activation.columns import Marts
from contract.discovery import discover
from contract.gate import Allowed

Payload = Mapping[str, Any]


class DeliveryFailed(RuntimeError):  # noqa: N818 - a name that operators know, not an …Error
    """The destination cannot be delivered to at all: wrong address, refused secret."""


@dataclass(frozen=True)
class ContactRow:
    """A person to add or change. Cannot exist without the gate's decision about that person."""

    allowed: Allowed
    customer_id: str
    effect: str
    idempotency_key: str
    payload: Payload

    def __post_init__(self) -> None:
        if not isinstance(self.allowed, Allowed):
            raise TypeError("A row needs a gate's Allowed: ask a Gate to decide.")
        if self.allowed.request.customer_id != self.customer_id:
            raise TypeError("The gate decided about another person than this row's.")


@dataclass(frozen=True)
class RemovalRow:
    """A person to take out. Needs no permission; carries what the destination knows them by."""

    customer_id: str
    idempotency_key: str
    payload: Payload
    effect: str = "remove"


OutgoingRow = ContactRow | RemovalRow


@dataclass(frozen=True)
class Receipt:
    """What the destination said about one row: accepted or rejected, and why."""

    status: str
    reason: str = ""


@dataclass(frozen=True)
class Shipment:
    """What every row of a delivery has in common. waterfall: (segment, outcome, rows)."""

    plan_id: str
    campaign: str
    segment: str
    channel: str
    purpose: str
    destination: str
    as_of: date
    now: datetime
    waterfall: tuple[tuple[str, str, int], ...]


class Sender(Protocol):
    """Sends rows. batch_size None: wants everybody who should be there, at once (a file)."""

    batch_size: int | None

    def send(self, shipment: Shipment, rows: Sequence[OutgoingRow]) -> Mapping[str, Receipt]:
        """Receipts by idempotency key; a row without a receipt stays due.

        Raises DeliveryFailed when nothing can be sent at all.
        """


@dataclass(frozen=True)
class DeliverySettings:
    """What senders need from the company's settings; handed over by orchestration.

    clock: seconds since 1970 for signatures (the receiver compares it with its own).
    """

    exports_dir: Path
    columns: Marts
    languages: tuple[str, ...] = ("fr", "en")
    company_name: str = "Habitué"
    currency: str = "EUR"
    requested_by: str = "habitue"
    webhook_url: str | None = None
    webhook_secret: str = field(default="", repr=False)
    is_loopback_allowed: bool = False
    retry_attempts: int = 5
    retry_wait_seconds: float = 0.5
    timeout_seconds: float = 10.0
    export_days: int = 30
    clock: Callable[[], float] | None = None


@dataclass(frozen=True)
class Destination:
    """A tool or a file drop.

    channels: what it may be used for. identifier: the column of customer_360 it needs; who lacks
    it is unreachable. columns: what it receives, and nothing else. watched: the columns in which a
    difference is worth a delivery; empty: every one.
    """

    title: Mapping[str, str]
    channels: frozenset[str]
    identifier: str
    columns: tuple[str, ...]
    open: Callable[[DeliverySettings], Sender]
    watched: frozenset[str] = frozenset()
    is_file: bool = False


def load_destinations() -> dict[str, Destination]:
    """Name → destination, for every module of activation/destinations/."""
    found = discover("activation.destinations", "DESTINATION")
    return {name: one for name, one in found.items() if isinstance(one, Destination)}
