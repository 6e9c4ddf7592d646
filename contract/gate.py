"""The only road to a destination: who may be contacted, decided by a gate and by nothing else.

`Allowed` can be made by a `Gate` only. That is a property of the type: its constructor wants a
seal that this module keeps, it cannot be copied with other values, and it cannot be unpickled.
Destinations take rows that carry an `Allowed`; so what the gate did not see cannot be sent.

A message that carries out a contract is another type, asked for by `ServiceRequest` and allowed by
`AllowedService`: no destination of marketing takes one, and no objection to marketing stops one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn, TypeVar, final

CHANNELS = ("post", "email", "sms", "phone", "ads")  # ads: a platform that is given addresses
PURPOSES = ("marketing", "profiling", "open_tracking", "sale_or_sharing")
# What reaching a person on a channel for the company's own ends is, where it is not marketing.
_OTHER_ENDS = {"ads": "sale_or_sharing"}
RELATIONS = ("buyer", "lead", "subscriber", "account")
_Asked = TypeVar("_Asked")
# Reasons that say something about the ledger, and nothing about the person.
UNJUDGED = frozenset({"ledger_never_filled", "ledger_stale", "ledger_tampered", "ledger_error"})


def contact_purpose(channel: str) -> str:
    """The purpose of a campaign on this channel: an ad platform is given data, not a message."""
    return _OTHER_ENDS.get(channel, "marketing")


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
    has_purchased: a real purchase of something like what is offered; opening an account is none.
    promotes: the categories that are offered, in which that purchase was; none: the whole range.
    is_professional: known as one who acts for a company.
    """

    customer_id: str
    channel: str
    purpose: str
    relation: str
    country: str | None
    has_purchased: bool
    record_keys: tuple[RecordKey, ...]
    address_hashes: tuple[str, ...] = ()
    is_professional: bool = False
    promotes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ServiceRequest:
    """May this person be sent a message that carries out a contract with them?

    message: what it is, such as order_confirmation. contract_key: the order, or the contract.
    """

    customer_id: str
    channel: str
    message: str
    contract_key: str
    record_keys: tuple[RecordKey, ...]


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


class _Sealed:
    """What Allowed and AllowedService have in common: made by a Gate, and by nothing else."""

    __slots__ = ("_basis", "_decided_at", "_entry_id", "_request")

    def __init__(
        self,
        request: ContactRequest | ServiceRequest,
        permit: Permit,
        decided_at: datetime,
        seal: _Seal,
    ) -> None:
        if seal is not _SEAL:
            raise TypeError(f"{type(self).__name__} is made by a Gate only: ask one to decide.")
        object.__setattr__(self, "_request", request)
        object.__setattr__(self, "_basis", permit.basis)
        object.__setattr__(self, "_entry_id", permit.entry_id)
        object.__setattr__(self, "_decided_at", decided_at)

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

    def __reduce__(self) -> NoReturn:
        raise TypeError("Allowed cannot be copied or stored: ask a Gate to decide again.")


@final
class Allowed(_Sealed):
    """A person may be contacted now, on this channel, for this purpose, on this basis."""

    __slots__ = ()

    @property
    def request(self) -> ContactRequest:
        """What was asked."""
        return self._request  # type: ignore[no-any-return, attr-defined]

    def __init_subclass__(cls) -> NoReturn:
        raise TypeError("Allowed cannot be extended.")


@final
class AllowedService(_Sealed):
    """A person may be sent this message about their contract. No marketing destination takes it."""

    __slots__ = ()

    @property
    def request(self) -> ServiceRequest:
        """What was asked."""
        return self._request  # type: ignore[no-any-return, attr-defined]

    def __init_subclass__(cls) -> NoReturn:
        raise TypeError("AllowedService cannot be extended.")


@dataclass(frozen=True)
class DeniedService:
    """A message about a contract may not be sent: the reason is a key of gate.texts.yml."""

    request: ServiceRequest
    reason: str
    decided_at: datetime


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
        judged = self._judged(self.judge, batch, now)
        return [
            Allowed(request, judgement, now, _SEAL)
            if isinstance(judgement, Permit)
            else Denied(request, judgement.reason, now, judgement.entry_id)
            for request, judgement in zip(batch, judged, strict=True)
        ]

    def judge_service(
        self, batch: Sequence[ServiceRequest], now: datetime
    ) -> Sequence[Permit | Refusal]:
        """One judgement per service message, same order. A gate that knows of none denies all."""
        return [Refusal("no_service_message") for _ in batch]

    @final
    def decide_service(
        self, batch: Sequence[ServiceRequest], now: datetime
    ) -> list[AllowedService | DeniedService]:
        """As decide, for messages that carry out a contract."""
        judged = self._judged(self.judge_service, batch, now)
        return [
            AllowedService(request, judgement, now, _SEAL)
            if isinstance(judgement, Permit)
            else DeniedService(request, judgement.reason, now)
            for request, judgement in zip(batch, judged, strict=True)
        ]

    def _judged(
        self,
        judge: Callable[[Sequence[_Asked], datetime], Sequence[Permit | Refusal]],
        batch: Sequence[_Asked],
        now: datetime,
    ) -> list[Permit | Refusal]:
        if not batch:  # a third of what planning asks; the ledger need not be read for nobody
            return []
        try:
            judgements = list(judge(batch, now))
        except Exception as error:  # the promise: in error, nobody is contacted
            self.on_error(error)
            judgements = []
        if len(judgements) != len(batch):
            return [Refusal("ledger_error")] * len(batch)
        return judgements

    def on_error(self, error: Exception) -> None:  # noqa: B027 - optional for subclasses
        """Called when judging failed, so that a subclass can raise the alarm."""
