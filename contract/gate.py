"""The only road to a destination: who may be contacted, decided by a gate and by nothing else.

`Allowed` can be made by a `Gate` only. That is a property of the type: its constructor wants a
seal that this module keeps, it cannot be copied with other values, and it cannot be unpickled.
Destinations take rows that carry an `Allowed`; so what the gate did not see cannot be sent.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn, final

CHANNELS = ("post", "email", "sms", "phone")
PURPOSES = ("marketing", "profiling")
RELATIONS = ("buyer", "lead", "subscriber", "account")
# Reasons that say something about the ledger, and nothing about the person.
UNJUDGED = frozenset({"ledger_never_filled", "ledger_stale", "ledger_error"})


@dataclass(frozen=True)
class RecordKey:
    """One record of a person in one source system."""

    source_system: str
    customer_key: str


@dataclass(frozen=True)
class ContactRequest:
    """May this person be contacted on this channel for this purpose?

    record_keys: every source record of the person's identity cluster, never only the best one.
    address_hashes: keyed hashes of every raw address (e-mail, phone, postal) known for them.
    has_purchased: a real purchase; opening an account is not one.
    """

    customer_id: str
    channel: str
    purpose: str
    relation: str
    country: str | None
    has_purchased: bool
    record_keys: tuple[RecordKey, ...]
    address_hashes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Permit:
    """What a gate's judgement rests on when it is yes: the basis and the ledger entry, if any."""

    basis: str
    entry_id: str | None = None


@dataclass(frozen=True)
class Refusal:
    """Why a gate's judgement is no: a reason code of the text catalogue, and the entry, if any."""

    reason: str
    entry_id: str | None = None


class _Seal:
    """Held by this module; nobody else can make an Allowed."""


_SEAL = _Seal()


@final
class Allowed:
    """A person may be contacted now, on this channel, for this purpose, on this basis."""

    __slots__ = ("_basis", "_decided_at", "_entry_id", "_request")

    def __init__(
        self, request: ContactRequest, permit: Permit, decided_at: datetime, seal: _Seal
    ) -> None:
        if seal is not _SEAL:
            raise TypeError("Allowed is made by a Gate only: ask one to decide.")
        object.__setattr__(self, "_request", request)
        object.__setattr__(self, "_basis", permit.basis)
        object.__setattr__(self, "_entry_id", permit.entry_id)
        object.__setattr__(self, "_decided_at", decided_at)

    @property
    def request(self) -> ContactRequest:
        """What was asked."""
        return self._request  # type: ignore[no-any-return, attr-defined]

    @property
    def basis(self) -> str:
        """The lawful basis: consent, legitimate_interest …"""
        return self._basis  # type: ignore[no-any-return, attr-defined]

    @property
    def entry_id(self) -> str | None:
        """The consent entry that the basis rests on; none for a legitimate interest."""
        return self._entry_id  # type: ignore[no-any-return, attr-defined]

    @property
    def decided_at(self) -> datetime:
        """When the gate decided (UTC)."""
        return self._decided_at  # type: ignore[no-any-return, attr-defined]

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise TypeError("Allowed cannot be changed: ask a Gate to decide again.")

    def __init_subclass__(cls) -> NoReturn:
        raise TypeError("Allowed cannot be extended.")

    def __reduce__(self) -> NoReturn:
        raise TypeError("Allowed cannot be copied or stored: ask a Gate to decide again.")


@dataclass(frozen=True)
class Denied:
    """A person may not be contacted: the reason is a key of governance/gate.texts.yml."""

    request: ContactRequest
    reason: str
    decided_at: datetime
    entry_id: str | None = None

    @property
    def is_judged(self) -> bool:
        """Whether the person was judged, on a ledger that could be read and was fresh.

        Whoever was not is not contacted, but is not taken out of a destination either.
        """
        return self.reason not in UNJUDGED


class Gate(ABC):
    """Decides batches of requests. Subclasses judge; only this class makes an Allowed."""

    @abstractmethod
    def judge(self, batch: Sequence[ContactRequest], now: datetime) -> Sequence[Permit | Refusal]:
        """One judgement per request, same order. May raise: then everybody is denied."""

    @final
    def decide(self, batch: Sequence[ContactRequest], now: datetime) -> list[Allowed | Denied]:
        """One decision per request, same order; an error or a missing judgement denies."""
        try:
            judgements = list(self.judge(batch, now))
        except Exception as error:  # the promise: in error, nobody is contacted
            self.on_error(error)
            judgements = []
        if len(judgements) != len(batch):
            judgements = [Refusal("ledger_error")] * len(batch)
        pairs = zip(batch, judgements, strict=True)
        return [_decision(request, judgement, now) for request, judgement in pairs]

    def on_error(self, error: Exception) -> None:  # noqa: B027 - optional for subclasses
        """Called when judging failed, so that a subclass can raise the alarm."""


def _decision(
    request: ContactRequest, judgement: Permit | Refusal, now: datetime
) -> Allowed | Denied:
    if isinstance(judgement, Permit):
        return Allowed(request, judgement, now, _SEAL)
    return Denied(request, judgement.reason, now, judgement.entry_id)
