"""What scenarios remember: read and append the steps, gather the day's facts, copy for SQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from sqlalchemy import insert, select

from activation.scenario_files import Scenario
from activation.scenarios import MERGED, Facts, Standing
from activation.tables import deliveries, scenario_steps
from contract.sql import transaction

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from sqlalchemy import Engine

    from activation.definitions import Segment

_COLUMNS = {
    "scenario": "varchar", "customer_id": "varchar", "episode": "bigint", "state": "varchar",
    "since": "timestamp", "due_at": "timestamp", "reason": "varchar",
}  # fmt: skip
_ARROW = {"varchar": pa.string(), "bigint": pa.int64(), "timestamp": pa.timestamp("us")}
_SCHEMA = pa.schema([(name, _ARROW[kind]) for name, kind in _COLUMNS.items()])
_ANSWERS = (
    "select customer_id, occurred_at, kind from intermediate.int_contacts__initiated"
    " where customer_id in (select unnest(?::varchar[])) and (list_contains(?::varchar[], kind)"
    " or (kind = 'click' and channel = ? and contains(link_url, ?))) order by occurred_at"
)
_REFUSALS = (
    "select customer_id, occurred_at from core.fct_consents where act in"
    " ('refuse', 'withdraw', 'object') and channel in (?, 'all')"
    " and purpose in ('marketing', 'all') and customer_id is not null order by occurred_at"
)
# Up to when the sources of answers were looked at: before that, silence says nothing.
_KNOWN_THROUGH = (
    "select min(last_checked_at) from raw_control.sources where is_connected"
    " and entity in ('message_events', 'orders', 'order_lines', 'consent_events', 'web_events')"
)
_NOTHING = "\x00"  # a link that no address contains


def read_history(engine: Engine, scenario: str) -> dict[str, list[Standing]]:
    """Person → every step, oldest first."""
    columns = [scenario_steps.c[name] for name in Standing.__dataclass_fields__]
    statement = (
        select(*columns)
        .where(scenario_steps.c.scenario == scenario)
        .order_by(scenario_steps.c.episode, scenario_steps.c.step)
    )
    history: dict[str, list[Standing]] = defaultdict(list)
    with engine.connect() as connection:
        for row in connection.execute(statement).mappings():
            history[row["customer_id"]].append(Standing(**row))
    return dict(history)


def append_steps(engine: Engine, scenario: str, steps: Sequence[Standing], run_id: str) -> None:
    """Append the steps in one transaction."""
    if steps:
        rows = [asdict(step) | {"scenario": scenario, "run_id": run_id} for step in steps]
        with engine.begin() as connection:
            connection.execute(insert(scenario_steps), rows)


def gather(
    con: DuckDBPyConnection, engine: Engine, scenario: Scenario, segment: Segment, now: datetime
) -> Facts:
    """What is known today about the people of a scenario. now: the business clock, naive UTC."""
    known = con.execute(_KNOWN_THROUGH).fetchone()
    asked = _asked(engine, scenario.campaign, datetime.combine(now.date(), time.min))
    link = scenario.accept_link or _NOTHING
    answers: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    wanted = [list(asked), list(scenario.accept_contacts), scenario.channel, link]
    for customer_id, at, kind in con.execute(_ANSWERS, wanted).fetchall():
        answers[customer_id].append((at, kind))
    refusals: dict[str, list[datetime]] = defaultdict(list)
    for customer_id, at in con.execute(_REFUSALS, [scenario.channel]).fetchall():
        refusals[customer_id].append(at)
    ids = con.execute(
        "select customer_id_published, customer_id_current from core.customer_id_history"
        " where customer_id_published <> customer_id_current"
    ).fetchall()
    return Facts(
        now=now,
        known_through=(known[0] if known else None) or now,
        members=_members(con, segment, now.date()),
        asked=asked,
        answers=answers,
        refusals=refusals,
        current_ids=dict(ids),
    )


def _members(con: DuckDBPyConnection, segment: Segment, as_of: date) -> frozenset[str]:
    from activation.compiler import compile_members

    query = compile_members(segment.where, ["customer_id"], as_of=as_of)
    return frozenset(str(row[0]) for row in con.execute(query.sql, query.values).fetchall())


def _asked(engine: Engine, campaign: str, before: datetime) -> Mapping[str, datetime]:
    """Person → when a destination last acknowledged the campaign's row.

    What is sent on a day is a step of the next: a run would otherwise find its own messages when
    it is repeated, and change every table after them.
    """
    statement = select(deliveries.c.customer_id, deliveries.c.acknowledged_at).where(
        deliveries.c.campaign == campaign,
        deliveries.c.is_contact,
        deliveries.c.acknowledged_at < before,
    )
    asked: dict[str, datetime] = {}
    with engine.connect() as connection:
        for customer_id, at in connection.execute(statement):
            asked[customer_id] = max(at, asked.get(customer_id, at))
    return asked


def prepare(con: DuckDBPyConnection) -> None:
    """Create raw_state.scenario_states, empty, if it does not exist."""
    typed = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
    con.execute("create schema if not exists raw_state")
    con.execute(f"create table if not exists raw_state.scenario_states ({typed})")


def copy_states(con: DuckDBPyConnection, engine: Engine) -> list[tuple[Any, ...]]:
    """Make raw_state.scenario_states equal to where everybody stands; the rows, in order."""
    prepare(con)
    wanted = [scenario_steps.c[name] for name in _COLUMNS]
    statement = select(*wanted).order_by(
        scenario_steps.c.scenario, scenario_steps.c.customer_id,
        scenario_steps.c.episode, scenario_steps.c.step,
    )  # fmt: skip
    with engine.connect() as connection:
        last = {(row[0], row[1]): tuple(row) for row in connection.execute(statement)}
    rows = [row for row in last.values() if row[3] != MERGED]
    named = [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
    con.register("states_now", pa.Table.from_pylist(named, schema=_SCHEMA))
    with transaction(con):
        con.execute("delete from raw_state.scenario_states")
        con.execute("insert into raw_state.scenario_states from states_now")
    con.unregister("states_now")
    return rows
