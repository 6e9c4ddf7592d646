"""Control groups: who would have been sent and is not, so that the effect can be measured."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from activation.tables import experiment_assignments

if TYPE_CHECKING:
    from sqlalchemy import Connection

CONTROL, TREATED = "control", "treated"
_STEPS = 2**32


def arm_of(experiment: str, customer_id: str, control_share: float) -> str:
    """The arm, from SHA-256 of experiment and id: the same on every machine and every day."""
    digest = hashlib.sha256(f"{experiment}|{customer_id}".encode()).digest()
    position = int.from_bytes(digest[:4], "big") / _STEPS
    return CONTROL if position < control_share else TREATED


def stored_arms(connection: Connection, experiment: str) -> dict[str, str]:
    """Person → arm, as assigned at first eligibility."""
    table = experiment_assignments
    statement = select(table.c.customer_id, table.c.arm).where(table.c.experiment == experiment)
    return {row.customer_id: row.arm for row in connection.execute(statement)}


def store_arms(
    connection: Connection, experiment: str, arms: dict[str, str], share: float, on: date
) -> None:
    """Keep the arms of people assigned for the first time."""
    known = stored_arms(connection, experiment)
    rows = [
        {
            "experiment": experiment,
            "customer_id": customer_id,
            "arm": arm,
            "control_share": share,
            "assigned_on": on,
        }
        for customer_id, arm in sorted(arms.items())
        if customer_id not in known
    ]
    if rows:
        connection.execute(insert(experiment_assignments), rows)


def arms_for(
    stored: dict[str, str], experiment: str, customer_ids: Collection[str], share: float
) -> dict[str, str]:
    """Person → arm: the stored one, else the one to be assigned."""
    return {one: stored.get(one) or arm_of(experiment, one, share) for one in customer_ids}
