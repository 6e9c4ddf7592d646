"""The gate of the consent ledger: reads it again for every batch, and denies when in doubt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from contract.gate import ContactRequest, Gate, Permit, Refusal, ServiceRequest
from contract.texts import Texts
from governance.decision import DecisionTable, Judgements
from governance.entry_table import read_entries
from governance.ledger import is_as_signed, last_taken_at
from governance.rules import LawfulBasis

if TYPE_CHECKING:
    from sqlalchemy import Engine

TEXTS = Texts.load(Path(__file__).parent / "gate.texts.yml")  # why somebody is denied
_log = structlog.get_logger(__name__)


class LedgerGate(Gate):
    """Allows a contact when a lawful basis stands in the ledger and no refusal does.

    Over the whole identity cluster and every raw address the most restrictive wins: one record's
    or one address's standing refusal is enough, whatever the others said. A batch is decided as
    one set (`governance/decision.sql`), whether it holds one person or a million.
    """

    def __init__(self, engine: Engine, rules: LawfulBasis) -> None:
        self._engine = engine
        self._rules = rules
        self._decisions: DecisionTable | None = None

    def judge(self, batch: Sequence[ContactRequest], now: datetime) -> list[Permit | Refusal]:
        """One judgement per request, from the ledger as it is at this moment.

        now: naive UTC, the same clock that the ledger intake was given.
        """
        keys = {record.customer_key for request in batch for record in request.record_keys}
        hashes = {digest for request in batch for digest in request.address_hashes}
        with self._engine.connect() as connection:
            taken_at = last_taken_at(connection)
            if taken_at is None:
                return [Refusal("ledger_never_filled")] * len(batch)
            if now - taken_at > self._rules.stale_after:
                return [Refusal("ledger_stale")] * len(batch)
            if not is_as_signed(connection):
                return [Refusal("ledger_tampered")] * len(batch)
            entries = read_entries(connection, keys, hashes)
        if self._decisions is None:
            self._decisions = DecisionTable(self._rules)
        return _judged(self._decisions.judge(batch, entries, now))

    def judge_service(
        self, batch: Sequence[ServiceRequest], now: datetime
    ) -> list[Permit | Refusal]:
        """A message of the rule table about a contract in progress goes out on its channels.

        What the person said about marketing does not bear on it, so the ledger is not asked.
        """
        return [self._judge_service(request) for request in batch]

    def _judge_service(self, request: ServiceRequest) -> Permit | Refusal:
        if not request.record_keys:
            return Refusal("unknown_person")
        channels = self._rules.service_messages.get(request.message, frozenset())
        if request.channel not in channels or not request.contract_key:
            return Refusal("no_service_message")
        return Permit("contract")

    def on_error(self, error: Exception) -> None:
        """Say that the ledger could not be read; nobody is contacted."""
        _log.error("consent ledger unreadable, everybody denied", error=type(error).__name__)


def _judged(found: Judgements) -> list[Permit | Refusal]:
    plain = {basis: Permit(basis) for basis in set(found.bases) if basis is not None}
    bare = {reason: Refusal(reason) for reason in set(found.reasons) if reason is not None}
    judged: list[Permit | Refusal] = []
    rows = zip(found.bases, found.reasons, found.entry_ids, strict=True)
    for basis, reason, entry_id in rows:
        if reason is not None:
            judged.append(bare[reason] if entry_id is None else Refusal(reason, entry_id))
        elif basis is not None:
            judged.append(plain[basis] if entry_id is None else Permit(basis, entry_id))
    return judged  # a row without either is missing, and a missing judgement denies everybody
