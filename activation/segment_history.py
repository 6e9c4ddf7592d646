"""Who entered, stayed and left each segment: its history in the state database.

Each run is compared with the run of that segment before it; the first run with nothing. A run that
is finished after it was interrupted tells what it would have told.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from activation.tables import segment_members, segment_runs

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, RowMapping


@dataclass(frozen=True)
class SegmentRun:
    """One run of a segment: which, when, by which definition."""

    segment: str
    run_id: str
    as_of: date
    definition_digest: str


@dataclass(frozen=True)
class Movement:
    """The members of a run beside those of the run before; since: member → (day, run id).

    compared_on: the day of the run before; None on the first one, as are the three counts.
    """

    run_id: str
    member_count: int
    entered_count: int | None
    stayed_count: int | None
    left_count: int | None
    compared_on: date | None
    since: dict[str, tuple[date, str]]


def record(
    engine: Engine, run: SegmentRun, members: Collection[str], shown_run_id: str | None = None
) -> Movement:
    """Write a run's members in one transaction and say how they moved.

    shown_run_id: the run that the warehouse shows; another one than the last was interrupted, and
    is told again when nothing has changed since.
    """
    digest = hashlib.sha256("\n".join(sorted(members)).encode()).hexdigest()
    with engine.begin() as connection:
        last = _last_run(connection, run.segment)
        if last is None or not _is_repeat(last, run, digest, shown_run_id):
            last = _write(connection, run, set(members), digest, last)
        since = _current(connection, run.segment)
        compared_on = _compared_on(connection, last)
    is_first = compared_on is None
    entered, stayed, left = (
        None if is_first else last[name] for name in ("entered_count", "stayed_count", "left_count")
    )
    return Movement(last["run_id"], last["member_count"], entered, stayed, left, compared_on, since)


def _compared_on(connection: Connection, last: RowMapping) -> date | None:
    statement = select(segment_runs.c.as_of_date).where(
        segment_runs.c.segment == last["segment"],
        segment_runs.c.sequence == last["sequence"] - 1,
    )
    return connection.scalar(statement)


def _last_run(connection: Connection, segment: str) -> RowMapping | None:
    statement = (
        select(segment_runs)
        .where(segment_runs.c.segment == segment)
        .order_by(segment_runs.c.sequence.desc())
        .limit(1)
    )
    return connection.execute(statement).mappings().first()


def _is_repeat(last: RowMapping, run: SegmentRun, digest: str, shown_run_id: str | None) -> bool:
    seen = (last["as_of_date"], last["definition_digest"], last["members_digest"])
    is_finished = last["run_id"] == shown_run_id and last["run_id"] != run.run_id
    return seen == (run.as_of, run.definition_digest, digest) and not is_finished


def _current(connection: Connection, segment: str) -> dict[str, tuple[date, str]]:
    statement = select(
        segment_members.c.customer_id, segment_members.c.entered_on, segment_members.c.since_run_id
    ).where(segment_members.c.segment == segment, segment_members.c.left_sequence.is_(None))
    rows = connection.execute(statement)
    return {customer_id: (entered_on, run_id) for customer_id, entered_on, run_id in rows}


def _write(
    connection: Connection,
    run: SegmentRun,
    members: set[str],
    digest: str,
    last: RowMapping | None,
) -> RowMapping:
    before = set(_current(connection, run.segment))
    sequence = 1 if last is None else last["sequence"] + 1
    entered, left = sorted(members - before), sorted(before - members)
    _close(connection, run, left, sequence)
    if entered:
        stay = {
            "segment": run.segment,
            "since_sequence": sequence,
            "since_run_id": run.run_id,
            "entered_on": run.as_of,
        }
        connection.execute(
            insert(segment_members), [stay | {"customer_id": one} for one in entered]
        )
    connection.execute(
        insert(segment_runs).values(
            segment=run.segment,
            sequence=sequence,
            run_id=run.run_id,
            as_of_date=run.as_of,
            definition_digest=run.definition_digest,
            members_digest=digest,
            member_count=len(members),
            entered_count=len(entered),
            stayed_count=len(members & before),
            left_count=len(left),
        )
    )
    written = _last_run(connection, run.segment)
    if written is None:
        raise RuntimeError(f"segment {run.segment}: run {run.run_id} was not written.")
    return written


def _close(connection: Connection, run: SegmentRun, left: list[str], sequence: int) -> None:
    for customer_id in left:
        connection.execute(
            update(segment_members)
            .where(
                segment_members.c.segment == run.segment,
                segment_members.c.customer_id == customer_id,
                segment_members.c.left_sequence.is_(None),
            )
            .values(left_on=run.as_of, left_sequence=sequence)
        )
