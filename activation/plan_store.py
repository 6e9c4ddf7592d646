"""Plans, their rows and what destinations acknowledged, in the state database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from activation.campaigns import Campaign
from activation.tables import deliveries, plan_rows, plans
from contract.gate import ContactRequest, RecordKey

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping

    # What stands in a plan's line, read from the table or written down for it: looked up by name.
    Header = RowMapping | Mapping[str, Any]

OPEN = ("waiting", "approved")
DUE = ("due", "rejected")  # a failed row stays due


@dataclass(frozen=True)
class PlannedRow:
    """One effect on one person at the destination."""

    customer_id: str
    segment: str
    effect: str
    effect_number: int
    idempotency_key: str
    payload_digest: str
    payload_json: str
    request_json: str


@dataclass(frozen=True)
class Delivered:
    """What the destination last acknowledged for one person."""

    customer_id: str
    segment: str
    is_present: bool
    effect_count: int
    payload_digest: str
    payload_json: str
    request_json: str


def idempotency_key(campaign: Campaign, row: tuple[str, str, str], effect_count: int) -> str:
    """One key per effect: the same until it is acknowledged, another one ever after.

    row: customer_id, effect, payload digest.
    """
    parts = [campaign.name, campaign.destination, *row, str(effect_count + 1)]
    return hashlib.sha256("|".join(parts).encode()).hexdigest()


def plan_digest(campaign: Campaign, rows: Sequence[PlannedRow]) -> str:
    """What a person approves: campaign, destination, and every effect with its content."""
    lines = sorted(f"{row.effect}|{row.idempotency_key}|{row.payload_digest}" for row in rows)
    head = f"{campaign.name}|{campaign.destination}"
    return hashlib.sha256("\n".join([head, *lines]).encode()).hexdigest()


def request_as_json(request: ContactRequest) -> str:
    """A contact request as kept beside a row, to ask the gate again later."""
    return json.dumps(asdict(request), sort_keys=True)


def request_from_json(text: str) -> ContactRequest:
    """The contact request that was kept."""
    values = json.loads(text)
    values["record_keys"] = tuple(RecordKey(**record) for record in values["record_keys"])
    for name in ("address_hashes", "promotes"):
        values[name] = tuple(values.get(name, ()))
    return ContactRequest(**values)


def delivered(connection: Connection, campaign: str, destination: str) -> dict[str, Delivered]:
    """Person → what the destination acknowledged, removed ones included."""
    columns = [deliveries.c[name] for name in Delivered.__dataclass_fields__]
    statement = select(*columns).where(
        deliveries.c.campaign == campaign, deliveries.c.destination == destination
    )
    rows = connection.execute(statement).mappings()
    return {row["customer_id"]: Delivered(**row) for row in rows}


def unsettled(connection: Connection, campaign: str, destination: str) -> dict[str, Delivered]:
    """Person → what was sent and never answered: the destination may hold it, or not.

    An effect that was acknowledged later settles the earlier ones.
    """
    known = delivered(connection, campaign, destination)
    rows = plan_rows.c
    statement = (
        select(plan_rows)
        .join(plans, plans.c.plan_id == rows.plan_id)
        .where(
            plans.c.campaign == campaign,
            plans.c.destination == destination,
            rows.state.in_(("due", "cancelled")),
            rows.attempt_count > 0,
        )
    )
    found = {}
    for row in connection.execute(statement).mappings():
        before = known.get(row["customer_id"])
        count = before.effect_count if before else 0
        if row["effect_number"] == count + 1:
            found[row["customer_id"]] = Delivered(
                customer_id=row["customer_id"],
                segment=row["segment"],
                is_present=True,
                effect_count=count,
                payload_digest=row["payload_digest"],
                payload_json=row["payload_json"],
                request_json=row["request_json"],
            )
    return found


def contacts_since(connection: Connection, first: date) -> list[tuple[str, str, str, date, bool]]:
    """Contacts made since that day: person, channel, campaign, day, still there."""
    columns = deliveries.c
    statement = select(
        columns.customer_id,
        columns.channel,
        columns.campaign,
        columns.contacted_on,
        columns.is_present,
    ).where(columns.contacted_on >= first, columns.is_contact.is_(True))
    return [tuple(row) for row in connection.execute(statement)]


def rejected(connection: Connection, campaign: str, destination: str) -> dict[str, str]:
    """Idempotency key → reason of the rows that the destination refused and that are still due."""
    statement = (
        select(plan_rows.c.idempotency_key, plan_rows.c.reason)
        .join(plans, plans.c.plan_id == plan_rows.c.plan_id)
        .where(
            plans.c.campaign == campaign,
            plans.c.destination == destination,
            plans.c.status.in_(OPEN),
            plan_rows.c.state == "rejected",
        )
    )
    return {row.idempotency_key: row.reason or "rejected" for row in connection.execute(statement)}


def supersede(connection: Connection, campaign: Campaign, keep: str | None) -> None:
    """Close the open plans of a campaign but one."""
    statement = update(plans).where(
        plans.c.campaign == campaign.name,
        plans.c.destination == campaign.destination,
        plans.c.status.in_(OPEN),
    )
    if keep is not None:
        statement = statement.where(plans.c.plan_id != keep)
    connection.execute(statement.values(status="superseded"))


def store(
    connection: Connection, header: Mapping[str, Any], rows: Sequence[PlannedRow]
) -> RowMapping:
    """Write a plan and its rows, unless the very same plan is there; the plan as stored."""
    plan_id = header["plan_id"]
    found = read_plan(connection, plan_id)
    if found is None:
        connection.execute(insert(plans).values(**header))
        connection.execute(
            insert(plan_rows),
            [_row_values(plan_id, number, row) for number, row in enumerate(rows, start=1)],
        )
    elif found["status"] == "superseded":
        values = {"status": header["status"], "reason": header["reason"]}
        connection.execute(update(plans).where(plans.c.plan_id == plan_id).values(**values))
    stored = read_plan(connection, plan_id)
    if stored is None:
        raise RuntimeError(f"plan {plan_id} was not written.")
    return stored


def read_plan(connection: Connection, plan_id: str) -> RowMapping | None:
    """A plan's header; None when there is no such plan."""
    statement = select(plans).where(plans.c.plan_id == plan_id)
    return connection.execute(statement).mappings().first()


def _row_values(plan_id: str, number: int, row: PlannedRow) -> dict[str, Any]:
    return {
        "plan_id": plan_id,
        "row_number": number,
        "state": "due",
        "attempt_count": 0,
        **asdict(row),
    }


def approve(connection: Connection, plan_id: str, *, by: str, now: datetime) -> None:
    """Mark a waiting plan approved."""
    statement = update(plans).where(plans.c.plan_id == plan_id, plans.c.status == "waiting")
    values = {"status": "approved", "approved_by": by, "approved_at": now}
    connection.execute(statement.values(**values))


def removal_key(header: Header, customer_id: str, effect_count: int) -> str:
    """The idempotency key of a removal that was not planned but became due."""
    parts = [header["campaign"], header["destination"], customer_id, "remove", "refused"]
    return hashlib.sha256("|".join([*parts, str(effect_count + 1)]).encode()).hexdigest()
