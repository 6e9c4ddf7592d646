"""Who is at a destination and now refused is taken out, whatever waits for an approval."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from activation import outbox, plan_store
from activation.delivery import unjudged_note
from activation.outbox import DueRow
from activation.people import with_heirs
from activation.plan_store import PlannedRow
from activation.removals import removal_payload
from activation.tables import plans
from contract.gate import Denied, Gate

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from sqlalchemy import Engine

REASON = "taken out without approval: the consent ledger refuses them now"
ERASED = "taken out without approval: they are being erased"


@dataclass(frozen=True)
class Today:
    """When and with what identities the gate is asked. now: naive UTC, the business clock."""

    con: DuckDBPyConnection
    now: datetime
    as_of: date
    run_id: str
    hash_key: bytes = field(repr=False)


@dataclass(frozen=True)
class Unapplied:
    """A refusal, by its ledger entry, that a destination does not follow yet."""

    campaign: str
    destination: str
    entry_id: str


def withdraw_refused(
    engine: Engine, gate: Gate, campaign: str, destinations: Collection[str], today: Today
) -> str:
    """Store an approved plan per destination that holds refused people, to be applied as others.

    For campaigns without an approved plan of their own: those see to it when they are applied.
    Plans that wait stay as they are. Returns why nobody could be judged, empty when they were.
    """
    note = ""
    for header in _headers(engine, campaign, destinations):
        present = outbox.present_rows(engine, header)
        requests = with_heirs(today.con, today.hash_key, [row.request for row in present])
        decisions = gate.decide(requests, today.now)
        denied = [
            (row, one)
            for row, one in zip(present, decisions, strict=True)
            if isinstance(one, Denied)
        ]
        unjudged = [one.reason for _, one in denied if not one.is_judged]
        note = note or unjudged_note(unjudged[0] if unjudged else "")
        refused = [row for row, one in denied if one.is_judged]
        if refused:
            _store(engine, header, refused, today, ("no_consent", REASON))
    return note


def queue_removals(
    engine: Engine, customer_ids: Collection[str], destinations: Collection[str], today: Today
) -> list[str]:
    """Store an approved plan per destination that may still hold one of these people; plan ids.

    The same people at the same destination are the same plan, however often it is asked for.
    """
    found = []
    for header, rows in held(engine, customer_ids, destinations):
        found.append(_store(engine, header, rows, today, ("erased", ERASED)))
    return found


def held(
    engine: Engine, customer_ids: Collection[str], destinations: Collection[str]
) -> list[tuple[Mapping[str, Any], list[DueRow]]]:
    """Header of the last plan → rows of these people that a destination holds, or may hold."""
    with engine.connect() as connection:
        campaigns = list(connection.scalars(select(plans.c.campaign).distinct()))
    wanted, found = set(customer_ids), []
    for campaign in sorted(campaigns):
        for header in _headers(engine, campaign, destinations):
            present = outbox.present_rows(engine, header)
            rows = [row for row in present if row.customer_id in wanted]
            if rows:
                found.append((header, rows))
    return found


def planned_destinations(engine: Engine) -> set[str]:
    """Every destination that a plan was ever made for, declared today or not."""
    with engine.connect() as connection:
        return set(connection.scalars(select(plans.c.destination).distinct()))


def unapplied(engine: Engine, gate: Gate, today: Today) -> list[Unapplied]:
    """Everybody whom a destination still holds although the ledger refuses them now."""
    with engine.connect() as connection:
        campaigns = connection.scalars(select(plans.c.campaign).distinct()).all()
    destinations = planned_destinations(engine)
    found = []
    for campaign in campaigns:
        for header in _headers(engine, campaign, destinations):
            present = outbox.present_rows(engine, header)
            requests = with_heirs(today.con, today.hash_key, [row.request for row in present])
            found += [
                Unapplied(campaign, str(header["destination"]), one.entry_id)
                for one in gate.decide(requests, today.now)
                if isinstance(one, Denied) and one.is_judged and one.entry_id is not None
            ]
    return found


def _headers(
    engine: Engine, campaign: str, destinations: Collection[str]
) -> list[Mapping[str, Any]]:
    """The last plan for each of these destinations that the campaign was ever planned for."""
    statement = (
        select(plans)
        .where(plans.c.campaign == campaign, plans.c.destination.in_(destinations))
        .order_by(plans.c.created_at)
    )
    with engine.connect() as connection:
        last = {row["destination"]: dict(row) for row in connection.execute(statement).mappings()}
    return list(last.values())


def _store(
    engine: Engine,
    header: Mapping[str, Any],
    refused: Sequence[DueRow],
    today: Today,
    why: tuple[str, str],
) -> str:
    """The plan's id. why: what the removed row says, what the plan says."""
    outcome, reason = why
    with engine.begin() as connection:
        rows = [_removal(header, row, outcome, today.as_of) for row in refused]
        keys = "|".join(sorted(row.idempotency_key for row in rows))
        digest = hashlib.sha256(f"withdrawal|{keys}".encode()).hexdigest()
        own = {
            "plan_id": f"p_{digest[:32]}",
            "digest": digest,
            "status": "approved",
            "reason": reason,
            "run_id": today.run_id,
            "as_of_date": today.as_of,
            "created_at": today.now,
            "approved_by": None,
            "approved_at": None,
        }
        plan_store.store(connection, {**header, **own}, rows)
    return str(own["plan_id"])


def _removal(header: Mapping[str, Any], row: DueRow, outcome: str, as_of: date) -> PlannedRow:
    """Planned as a removal: the waterfall of the plan before counts the person already."""
    return PlannedRow(
        row.customer_id,
        row.segment,
        "remove",
        row.effect_number + 1,
        plan_store.removal_key(header, row.customer_id, row.effect_number),
        row.payload_digest,
        removal_payload(row.payload_json, outcome, as_of),
        row.request_json,
    )
