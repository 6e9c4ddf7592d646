"""One delivery: the gate just before each batch, then the destination, then the acknowledgement."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog

from activation import outbox
from activation.destination import (
    ContactRow,
    DeliveryFailed,
    OutgoingRow,
    Receipt,
    RemovalRow,
    Sender,
    Shipment,
)
from activation.link_check import without_links
from activation.outbox import DueRow
from contract.crash_points import reach
from contract.gate import Allowed, ContactRequest, Denied, Gate

if TYPE_CHECKING:
    from sqlalchemy import Engine, RowMapping

Refresh = Callable[[Sequence[ContactRequest]], list[ContactRequest]]
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class DeliveryReport:
    """What a delivery did. It is a success when nothing is left due or rejected.

    waterfall: (segment, outcome) → people, as it is after the delivery. note: why nobody was
    judged, empty when the consent ledger was fresh and readable.
    """

    plan_id: str
    campaign: str
    destination: str
    status: str
    added_count: int
    changed_count: int
    removed_count: int
    cancelled_count: int
    rejected_count: int
    due_count: int
    waterfall: Mapping[tuple[str, str], int]
    note: str = ""

    @property
    def is_success(self) -> bool:
        """Whether every row was acknowledged, by a ledger that could tell."""
        return self.rejected_count == 0 and self.due_count == 0 and not self.note

    def as_metadata(self) -> dict[str, Any]:
        """The figures, named as everywhere."""
        counts = {
            "added": self.added_count,
            "changed": self.changed_count,
            "removed": self.removed_count,
            "cancelled": self.cancelled_count,
            "rejected": self.rejected_count,
            "due": self.due_count,
        }
        told = {"note": self.note} if self.note else {}
        return {"plan_id": self.plan_id, "status": self.status, **counts, **told}


class Delivery:
    """The due rows of one plan on their way to its destination."""

    def __init__(
        self, engine: Engine, gate: Gate, sender: Sender, header: RowMapping, now: datetime
    ) -> None:
        self._engine, self._gate, self._sender = engine, gate, sender
        self._refresh: Refresh | None = None
        self._header, self._now = header, now
        self._done: Counter[str] = Counter()
        self._unlinked: set[str] = set()  # e-mail rows without the person's links: never sent
        self._unjudged = ""  # the reason, when the ledger could not tell
        self._is_contact = bool(json.loads(header["counts_json"])["is_contact"])

    def refresh_with(self, refresh: Refresh) -> None:
        """Ask the gate with requests brought up to date, instead of those of the plan."""
        self._refresh = refresh

    def send_batches(self, size: int) -> None:
        """Batch by batch, until the destination gives no answer at all."""
        due = outbox.due_rows(self._engine, self._header)
        for batch in _chunks(due, size):
            if not self._send(batch):
                _log.warning("destination does not answer, rows stay due", rows=len(due))
                return

    def remove_refused(self, size: int) -> None:
        """Take out whoever was delivered and may no longer be contacted, planned or not.

        Only who was judged: a ledger that cannot tell refuses everybody, and takes out nobody.
        """
        present = outbox.present_rows(self._engine, self._header)
        decisions = self._gate.decide(self._requests(present), self._now)
        refused = [
            row
            for row, decision in zip(present, decisions, strict=True)
            if not isinstance(decision, Allowed) and self._is_judged(decision)
        ]
        removals = outbox.enqueue_removals(self._engine, self._header, refused)
        for batch in _chunks(removals, size):
            if not self._send(batch):
                return

    def send_everybody(self, note: Callable[[Shipment, int], None]) -> None:
        """A file: one content with everybody who should be in it, decided on just before.

        note: writes the export log, before the acknowledgement.
        """
        due = outbox.due_rows(self._engine, self._header)
        planned = {row.customer_id for row in due}
        present = outbox.present_rows(self._engine, self._header)
        staying = [row for row in present if row.customer_id not in planned]
        outgoing, refused = self._decided(
            [row for row in (*due, *staying) if row.effect not in outbox.REMOVALS]
        )
        if self._unjudged:  # without a decision nobody can be written, so the file stays as it is
            return
        gone = {row.customer_id for row in refused}
        there = [row for row in present if row.customer_id in gone]
        settled = [row for row in due if row.customer_id not in gone | self._unlinked]
        settled += outbox.enqueue_removals(self._engine, self._header, there)
        if settled:
            self._sender.send(self._shipment(), outgoing)
            note(self._shipment(), sum(1 for row in outgoing if isinstance(row, ContactRow)))
            accepted = dict.fromkeys((row.idempotency_key for row in settled), Receipt("accepted"))
            self._settle(settled, outgoing, accepted)

    def _send(self, batch: Sequence[DueRow]) -> bool:
        """One batch through the gate and out; False when the destination gave no answer at all."""
        outgoing, _ = self._decided(batch)
        if not outgoing:
            return True
        keys = {row.idempotency_key for row in outgoing}
        settled = [row for row in batch if row.idempotency_key in keys]
        outbox.mark_attempted(self._engine, settled)
        receipts = self._sender.send(self._shipment(), outgoing)
        self._settle(settled, outgoing, receipts)
        return bool(receipts)

    def _settle(
        self,
        rows: Sequence[DueRow],
        outgoing: Sequence[OutgoingRow],
        receipts: Mapping[str, Receipt],
    ) -> None:
        reach("send.before_ack")
        allowed = {row.customer_id: row.allowed for row in outgoing if isinstance(row, ContactRow)}
        notes = outbox.Notes(self._header, self._now, self._is_contact, allowed)
        self._done += outbox.acknowledge(self._engine, rows, receipts, notes)
        reach("send.after_ack")

    def _decided(self, batch: Sequence[DueRow]) -> tuple[list[OutgoingRow], list[DueRow]]:
        """The rows that may go, by the ledger as it is now; the others are cancelled."""
        contacts = [row for row in batch if row.effect not in outbox.REMOVALS]
        decisions = self._gate.decide(self._requests(contacts), self._now)
        outgoing: list[OutgoingRow] = [
            _removal(row) for row in batch if row.effect in outbox.REMOVALS
        ]
        refused = []
        for row, decision in zip(contacts, decisions, strict=True):
            if isinstance(decision, Allowed):
                outgoing.append(_contact(row, decision))
            else:
                self._is_judged(decision)
                refused.append((row, decision.reason))
        unlinked = {row.customer_id for row in without_links(self._header["channel"], outgoing)}
        self._unlinked |= unlinked
        outgoing = [row for row in outgoing if row.customer_id not in unlinked]
        outbox.cancel(self._engine, refused, self._now)
        self._done["cancelled"] += sum(1 for row, _ in refused if row.is_planned)
        return outgoing, [row for row, _ in refused]

    def _is_judged(self, decision: Denied) -> bool:
        if not decision.is_judged:
            self._unjudged = decision.reason
        return decision.is_judged

    def _requests(self, rows: Sequence[DueRow]) -> list[ContactRequest]:
        """What to ask the gate: with the identity cluster of today, where it can be read."""
        asked = [row.request for row in rows]
        return self._refresh(asked) if self._refresh else asked

    def _shipment(self) -> Shipment:
        header = self._header
        return Shipment(
            plan_id=header["plan_id"],
            campaign=header["campaign"],
            segment=header["segment"],
            channel=header["channel"],
            purpose=header["purpose"],
            destination=header["destination"],
            as_of=header["as_of_date"],
            now=self._now,
            waterfall=tuple(
                (segment, name, count) for (segment, name), count in self._waterfall().items()
            ),
        )

    def _waterfall(self) -> dict[tuple[str, str], int]:
        lines = json.loads(self._header["counts_json"])["waterfall"]
        planned = {(segment, name): count for segment, name, count in lines}
        return outbox.after_delivery(self._engine, self._header, planned)

    def finish(self) -> DeliveryReport:
        """Note how far the plan is, and say so. Raises DeliveryFailed for rows without links."""
        if self._unlinked:
            raise DeliveryFailed(
                f"{len(self._unlinked)} e-mail rows of {self._header['campaign']} carry no link to "
                "the preference centre: they were not sent. Check HABITUE_PREFERENCE_PAGES_URL and "
                "plan again."
            )
        left = outbox.states(self._engine, self._header)
        status = "applied" if not left["due"] and not left["rejected"] else "approved"
        outbox.set_status(self._engine, self._header, status)
        return DeliveryReport(
            plan_id=self._header["plan_id"],
            campaign=self._header["campaign"],
            destination=self._header["destination"],
            status=status,
            added_count=self._done["add"],
            changed_count=self._done["change"],
            removed_count=self._done["remove"] + self._done["withdraw"],
            cancelled_count=self._done["cancelled"],
            rejected_count=left["rejected"],
            due_count=left["due"],
            waterfall=self._waterfall(),
            note=unjudged_note(self._unjudged),
        )


def unjudged_note(reason: str) -> str:
    """What is said of a ledger that cannot tell; nothing without a reason."""
    return f"{reason}: nobody is sent, and nobody taken out for it" if reason else ""


def _contact(row: DueRow, allowed: Allowed) -> ContactRow:
    """The row with the basis of today's decision, not of the day it was planned."""
    payload = dict(row.payload)
    for name, value in (("consent_basis", allowed.basis), ("consent_entry_id", allowed.entry_id)):
        if name in payload:
            payload[name] = value
    return ContactRow(allowed, row.customer_id, row.effect, row.idempotency_key, payload)


def _removal(row: DueRow) -> RemovalRow:
    return RemovalRow(row.customer_id, row.idempotency_key, row.payload)


def _chunks(rows: Sequence[DueRow], size: int) -> Iterator[Sequence[DueRow]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
