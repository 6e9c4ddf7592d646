"""The outbox: rows that are due, what became of them, and what the destination now holds."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, update

from activation import plan_store
from activation.destination import Receipt
from activation.removals import removal_payload
from activation.tables import deliveries, plan_rows, plans
from contract.gate import Allowed, ContactRequest

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, RowMapping

    from activation.plan_store import Header

ACCEPTED = "accepted"
REMOVALS = ("remove", "withdraw")  # withdraw: not planned, the gate refused since


@dataclass(frozen=True)
class DueRow:
    """A row to send; row_number 0: not of the plan, but at the destination already."""

    plan_id: str
    row_number: int
    customer_id: str
    segment: str
    effect: str
    effect_number: int
    idempotency_key: str
    payload_digest: str
    payload_json: str
    request_json: str

    @property
    def is_planned(self) -> bool:
        """Whether this is a row of the plan."""
        return self.row_number > 0

    @property
    def payload(self) -> dict[str, Any]:
        """The values as planned."""
        values: dict[str, Any] = json.loads(self.payload_json)
        return values

    @property
    def request(self) -> ContactRequest:
        """What to ask the gate."""
        return plan_store.request_from_json(self.request_json)


@dataclass(frozen=True)
class Notes:
    """What an acknowledgement is recorded with. allowed: person → the gate's decision."""

    header: RowMapping
    now: datetime
    is_contact: bool
    allowed: Mapping[str, Allowed]


def due_rows(engine: Engine, header: RowMapping) -> list[DueRow]:
    """Rows of the plan that no acknowledgement settled yet, removals first."""
    columns = [plan_rows.c[name] for name in DueRow.__dataclass_fields__]
    statement = (
        select(*columns)
        .where(plan_rows.c.plan_id == header["plan_id"], plan_rows.c.state.in_(plan_store.DUE))
        .order_by(plan_rows.c.effect.desc(), plan_rows.c.row_number)
    )
    with engine.connect() as connection:
        return [DueRow(**row) for row in connection.execute(statement).mappings()]


def present_rows(engine: Engine, header: Header) -> list[DueRow]:
    """Everybody who is at the destination for this campaign, or may be: acknowledged, or sent
    and never answered.
    """
    with engine.connect() as connection:
        where = (header["campaign"], header["destination"])
        held = plan_store.delivered(connection, *where)
        present = {one: row for one, row in held.items() if row.is_present}
        known = plan_store.unsettled(connection, *where) | present
    return [
        DueRow(
            plan_id=header["plan_id"],
            row_number=0,
            customer_id=row.customer_id,
            segment=row.segment,
            effect="same",
            effect_number=row.effect_count,
            idempotency_key="",
            payload_digest=row.payload_digest,
            payload_json=row.payload_json,
            request_json=row.request_json,
        )
        for row in known.values()
    ]


def enqueue_removals(engine: Engine, header: RowMapping, rows: Sequence[DueRow]) -> list[DueRow]:
    """Add removals to the plan for people who may no longer be there; those still due, too."""
    removals = []
    with engine.begin() as connection:
        last = connection.scalar(
            select(func.max(plan_rows.c.row_number)).where(plan_rows.c.plan_id == header["plan_id"])
        )
        for number, row in enumerate(rows, start=int(last or 0) + 1):
            removal = _removal_of(connection, header, row, number)
            connection.execute(
                insert(plan_rows).values(**_columns_of(removal), state="due", attempt_count=0)
            )
            removals.append(removal)
    return removals


def _removal_of(connection: Connection, header: RowMapping, row: DueRow, number: int) -> DueRow:
    known = plan_store.delivered(connection, header["campaign"], header["destination"])
    before = known.get(row.customer_id)
    count = before.effect_count if before else 0
    key = plan_store.removal_key(header, row.customer_id, count)
    return DueRow(
        plan_id=header["plan_id"],
        row_number=number,
        customer_id=row.customer_id,
        segment=row.segment,
        effect="withdraw",
        effect_number=count + 1,
        idempotency_key=key,
        payload_digest=row.payload_digest,
        payload_json=removal_payload(row.payload_json, "no_consent", header["as_of_date"]),
        request_json=row.request_json,
    )


def _columns_of(row: DueRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in DueRow.__dataclass_fields__}


def cancel(engine: Engine, refused: Sequence[tuple[DueRow, str]], now: datetime) -> None:
    """Settle rows that the gate refused: they are not sent, whatever was planned."""
    with engine.begin() as connection:
        for row, reason in refused:
            if row.is_planned:
                values = {"state": "cancelled", "reason": reason, "settled_at": now}
                connection.execute(_this_row(row).values(**values))


def mark_attempted(engine: Engine, rows: Sequence[DueRow]) -> None:
    """Note, before sending, that from now on the destination may know of these rows."""
    with engine.begin() as connection:
        for row in rows:
            values = {"attempt_count": plan_rows.c.attempt_count + 1}
            connection.execute(_this_row(row).values(**values))


def acknowledge(
    engine: Engine, rows: Sequence[DueRow], receipts: Mapping[str, Receipt], notes: Notes
) -> Counter[str]:
    """Write what the destination said, one transaction; effects that happened, by kind."""
    done: Counter[str] = Counter()
    with engine.begin() as connection:
        known = plan_store.delivered(
            connection, notes.header["campaign"], notes.header["destination"]
        )
        for row in rows:
            receipt = receipts.get(row.idempotency_key)
            _settle(connection, row, receipt, notes.now)
            if receipt is not None and receipt.status == ACCEPTED:
                _hold(connection, row, notes, known)
                done[row.effect] += 1
    return done


def _settle(connection: Connection, row: DueRow, receipt: Receipt | None, now: datetime) -> None:
    values: dict[str, Any] = {}
    if receipt is None:
        values["reason"] = "no acknowledgement"
    elif receipt.status == ACCEPTED:
        values |= {"state": "acknowledged", "reason": None, "settled_at": now}
    else:
        values |= {"state": "rejected", "reason": receipt.reason[:400] or "rejected"}
    connection.execute(_this_row(row).values(**values))


def _this_row(row: DueRow) -> Any:
    return update(plan_rows).where(
        plan_rows.c.plan_id == row.plan_id, plan_rows.c.row_number == row.row_number
    )


def _hold(
    connection: Connection,
    row: DueRow,
    notes: Notes,
    known: Mapping[str, plan_store.Delivered],
) -> None:
    """Note what the destination now holds for this person."""
    header, before = notes.header, known.get(row.customer_id)
    allowed = notes.allowed.get(row.customer_id)
    values: dict[str, Any] = {
        "segment": row.segment,
        "channel": header["channel"],
        "is_present": row.effect not in REMOVALS,
        "is_contact": notes.is_contact,
        "effect_count": (before.effect_count if before else 0) + 1,
        "payload_digest": row.payload_digest,
        "payload_json": row.payload_json,
        "request_json": row.request_json,
        "acknowledged_at": notes.now,
    }
    if allowed is not None:
        values |= {"basis": allowed.basis, "entry_id": allowed.entry_id}
    if row.effect == "add" or before is None:
        values["contacted_on"] = header["as_of_date"]
    key = {
        "campaign": header["campaign"],
        "destination": header["destination"],
        "customer_id": row.customer_id,
    }
    if before is None:
        connection.execute(insert(deliveries).values(**key, **values))
        return
    statement = update(deliveries)
    for name, value in key.items():
        statement = statement.where(deliveries.c[name] == value)
    connection.execute(statement.values(**values))


def states(engine: Engine, header: RowMapping) -> Counter[str]:
    """How many rows of the plan are in which state."""
    statement = (
        select(plan_rows.c.state, func.count())
        .where(plan_rows.c.plan_id == header["plan_id"])
        .group_by(plan_rows.c.state)
    )
    with engine.connect() as connection:
        return Counter(dict(connection.execute(statement).tuples().all()))


def set_status(engine: Engine, header: RowMapping, status: str) -> None:
    """Note how far the plan is."""
    statement = update(plans).where(plans.c.plan_id == header["plan_id"])
    with engine.begin() as connection:
        connection.execute(statement.values(status=status))


def after_delivery(
    engine: Engine, header: RowMapping, planned: Mapping[tuple[str, str], int]
) -> dict[tuple[str, str], int]:
    """The planned waterfall, corrected by what happened; it still sums to matched.

    People whom the gate refused since the plan move to no_consent, refused or unanswered rows to
    rejected.
    """
    columns = (plan_rows.c.customer_id, plan_rows.c.segment, plan_rows.c.state, plan_rows.c.effect)
    statement = select(*columns, plan_rows.c.attempt_count).where(
        plan_rows.c.plan_id == header["plan_id"]
    )
    with engine.connect() as connection:
        rows = connection.execute(statement).all()
    moved = {
        customer_id: (segment, name)
        for customer_id, segment, *what in rows
        if (name := _moved(*what)) is not None
    }
    counts = dict(planned)
    for segment, name in planned:
        if name == "rejected":  # counted again below, from the rows themselves
            counts[(segment, "sent")] += counts[(segment, name)]
            counts[(segment, name)] = 0
    for segment, name in moved.values():
        if (segment, name) in counts:
            counts[(segment, "sent")] -= 1
            counts[(segment, name)] += 1
    return counts


def _moved(state: str, effect: str, attempt_count: int) -> str | None:
    if effect == "withdraw" or state == "cancelled":
        return "no_consent"
    if effect == "remove":
        return None
    if state == "rejected" or (state == "due" and attempt_count > 0):
        return "rejected"
    return None
