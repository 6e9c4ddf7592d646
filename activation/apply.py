"""Apply a plan: let it go, send it, and say what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import select

from activation import plan_store
from activation.delivery import Delivery, DeliveryReport
from activation.destination import DeliverySettings, Destination, load_destinations
from activation.export_log import note_export
from activation.people import refreshed
from activation.tables import plans
from contract.errors import ConfigError
from contract.gate import Gate

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from sqlalchemy import Engine


def open_plans(engine: Engine) -> list[str]:
    """Approved plans that still have something to send, oldest first."""
    statement = (
        select(plans.c.plan_id)
        .where(plans.c.status == "approved")
        .order_by(plans.c.created_at, plans.c.campaign)
    )
    with engine.connect() as connection:
        return list(connection.scalars(statement))


def approve_plan(engine: Engine, plan_id: str, *, by: str, now: datetime) -> None:
    """Let a waiting plan go. Raises ConfigError when there is no such plan waiting."""
    with engine.begin() as connection:
        header = plan_store.read_plan(connection, plan_id)
        if header is None or header["status"] != "waiting":
            found = "no such plan" if header is None else f"it is {header['status']}"
            raise ConfigError(f"Plan {plan_id} cannot be approved: {found}. See `habitue plan`.")
        plan_store.approve(connection, plan_id, by=by, now=now)


def apply_plan(  # noqa: PLR0913 - the door of activation: each one is handed over by name
    engine: Engine,
    gate: Gate,
    plan_id: str,
    *,
    settings: DeliverySettings,
    now: datetime,
    destinations: Mapping[str, Destination] | None = None,
    con: DuckDBPyConnection | None = None,
    hash_key: bytes = b"",
) -> DeliveryReport:
    """Send the due rows of an approved plan; rows that fail stay due for the next time.

    now: naive UTC, the business clock that the gate is asked with. con, hash_key: the warehouse,
    so that the gate is asked about the person as resolved today; without it, as resolved when the
    plan was made. Raises ConfigError when the plan is not approved, DeliveryFailed when the
    destination cannot be delivered to at all (what was acknowledged before stays acknowledged).
    """
    with engine.connect() as connection:
        header = plan_store.read_plan(connection, plan_id)
    if header is None or header["status"] not in ("approved", "applied"):
        found = "no such plan" if header is None else f"it is {header['status']}"
        raise ConfigError(f"Plan {plan_id} cannot be applied: {found}. See `habitue plan`.")
    known = destinations or load_destinations()
    sender = known[header["destination"]].open(settings)
    delivery = Delivery(engine, gate, sender, header, now)
    if con is not None:
        delivery.refresh_with(partial(refreshed, con, hash_key))
    if sender.batch_size is None:
        delivery.send_everybody(partial(note_export, engine, settings))
    else:
        delivery.send_batches(sender.batch_size)
        delivery.remove_refused(sender.batch_size)
    return delivery.finish()
