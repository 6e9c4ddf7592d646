"""The gate of the consent ledger: reads it again for every batch, and denies when in doubt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from contract.gate import ContactRequest, Gate, Permit, Refusal
from contract.texts import Texts
from governance.ledger import ASKED, CONFIRMED, Entry, entries_about, last_taken_at
from governance.rules import ALL, LawfulBasis

if TYPE_CHECKING:
    from sqlalchemy import Engine

# act → reason
REFUSALS = {"object": "objected", "withdraw": "withdrawn", "refuse": "refused"}
YES = {"grant", CONFIRMED}
DOUBTS = {"grant", ASKED}  # acts that say less than a confirmed yes
# The order of acts of one instant: yes, asked to confirm, confirmed, refused.
_RANK = {"grant": 0, ASKED: 1, CONFIRMED: 2, **dict.fromkeys(REFUSALS, 3)}
TEXTS = Texts.load(Path(__file__).parent / "gate.texts.yml")  # why somebody is denied
_log = structlog.get_logger(__name__)


class LedgerGate(Gate):
    """Allows a contact when a lawful basis stands in the ledger and no refusal does.

    Over the whole identity cluster and every raw address the most restrictive wins: one record's
    or one address's standing refusal is enough, whatever the others said.
    """

    def __init__(self, engine: Engine, rules: LawfulBasis) -> None:
        self._engine = engine
        self._rules = rules

    def judge(self, batch: Sequence[ContactRequest], now: datetime) -> list[Permit | Refusal]:
        """One judgement per request, from the ledger as it is at this moment.

        now: naive UTC, the same clock that the ledger intake was given.
        """
        keys = {record.customer_key for request in batch for record in request.record_keys}
        hashes = {digest for request in batch for digest in request.address_hashes}
        with self._engine.connect() as connection:
            taken_at = last_taken_at(connection)
            entries = entries_about(connection, keys, hashes)
        if taken_at is None:
            return [Refusal("ledger_never_filled")] * len(batch)
        if now - taken_at > self._rules.stale_after:
            return [Refusal("ledger_stale")] * len(batch)
        about = _Index(entries)
        return [self._judge_one(request, about.of(request), now) for request in batch]

    def on_error(self, error: Exception) -> None:
        """Say that the ledger could not be read; nobody is contacted."""
        _log.error("consent ledger unreadable, everybody denied", error=type(error).__name__)

    def _judge_one(
        self, request: ContactRequest, entries: list[Entry], now: datetime
    ) -> Permit | Refusal:
        if not request.record_keys:
            return Refusal("unknown_person")
        said = [entry for entry in entries if entry.channel in (request.channel, ALL)]
        for purpose in sorted(self._rules.stopped_by.get(request.purpose, frozenset()) - {ALL}):
            for last in _last_words(said, purpose, now):
                if last.act in REFUSALS:
                    return Refusal(REFUSALS[last.act], last.entry_id)
        return self._on_a_basis(request, said, now)

    def _on_a_basis(
        self, request: ContactRequest, said: list[Entry], now: datetime
    ) -> Permit | Refusal:
        for basis in self._rules.bases(request, now.date()):
            if basis == "legitimate_interest":
                return Permit(basis)
            evidence = (
                _grant(said, request, self._rules, now)
                if basis == "consent"
                else _told_at_purchase(said, request, now)
            )
            if evidence is not None:
                return Permit(basis, evidence.entry_id)
        return Refusal("no_basis")


class _Index:
    """Entries by the record or address they are about."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._by_record: dict[tuple[str | None, str], list[Entry]] = {}
        self._by_address: dict[str, list[Entry]] = {}
        for entry in entries:
            if entry.customer_key is not None:
                subject = (entry.source_system, entry.customer_key)
                self._by_record.setdefault(subject, []).append(entry)
            if entry.address_hash is not None:
                self._by_address.setdefault(entry.address_hash, []).append(entry)

    def of(self, request: ContactRequest) -> list[Entry]:
        """Everything said about any record or address of the person."""
        found: dict[str, Entry] = {}
        for record in request.record_keys:
            for source in (record.source_system, None):
                for entry in self._by_record.get((source, record.customer_key), []):
                    found[entry.entry_id] = entry
        for digest in request.address_hashes:
            for entry in self._by_address.get(digest, []):
                found[entry.entry_id] = entry
        return list(found.values())


def _last_words(said: Sequence[Entry], purpose: str, now: datetime) -> list[Entry]:
    """What each record or address last said about `purpose`: a yes, a request for one, a refusal.

    A refusal dated after `now` counts already, a yes does not; at the same instant the refusal is
    the last word, and a confirmation that is asked for stands after the yes that it is about. A
    confirmed yes is not put in doubt by another request to confirm. A claim is no word at all.
    """
    last: dict[object, Entry] = {}
    for entry in sorted(said, key=lambda one: (one.occurred_at, _RANK.get(one.act, 0))):
        is_yes = entry.act in YES or entry.act == ASKED
        is_word = entry.act in REFUSALS or (is_yes and entry.occurred_at <= now)
        subject = (entry.source_system, entry.customer_key, entry.address_hash)
        is_sure = subject in last and last[subject].act == CONFIRMED
        if is_word and entry.purpose in (purpose, ALL) and not (is_sure and entry.act in DOUBTS):
            last[subject] = entry
    return list(last.values())


def _grant(
    said: Sequence[Entry], request: ContactRequest, rules: LawfulBasis, now: datetime
) -> Entry | None:
    """The entry with which the person said yes, confirmed where the channel wants that."""
    enough = {CONFIRMED} if request.channel in rules.double_opt_in else YES
    words = _last_words(said, request.purpose, now)
    return next((one for one in words if one.act in enough), None)


def _told_at_purchase(
    said: Sequence[Entry], request: ContactRequest, now: datetime
) -> Entry | None:
    """The entry that says the buyer was told, and able to refuse, at collection."""
    if not request.has_purchased:
        return None
    informed = (one for one in said if one.act == "inform" and one.occurred_at <= now)
    return next((one for one in informed if one.purpose in (request.purpose, ALL)), None)
