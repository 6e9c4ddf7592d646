"""An erasure: kept in the state database from its request to its certificate, whatever fails.

The identifiers are stored, encrypted, before anything is deleted, and deleted last; a step that was
done is not done again, and one that was killed is. Nothing says `done` before every place has said
so: a tool that is down keeps the erasure open, not the person in the other places.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import insert, select, update

from contract.crash_points import reach
from governance.erasure.identifiers import Identifiers, sealed, united, unsealed
from governance.erasure.suppression_list import suppress
from governance.erasure.tables import erasure_steps, erasures

if TYPE_CHECKING:
    from sqlalchemy import Engine

WAITING, DONE = "waiting", "done"
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Keys:
    """hashes: the company's key, of pseudonyms and suppressions; seal: this home's own."""

    hashes: bytes
    seal: bytes


@dataclass(frozen=True)
class Request:
    """Who is to be erased, who says so and why. reason: request or retention."""

    person: Identifiers
    by: str
    because: str
    reason: str = "request"


@dataclass(frozen=True)
class Open:
    """An erasure that is not finished, with whom it is about."""

    erasure_id: str
    keyed_hash: str
    person: Identifiers


@dataclass(frozen=True)
class Outcome:
    """What a step says of its place. is_done False: it waits, and evidence says for what."""

    evidence: Mapping[str, object]
    is_done: bool = True


Step = Callable[[Sequence[Open]], Mapping[str, Outcome] | Outcome]


def begin(engine: Engine, requests: Sequence[Request], keys: Keys, *, now: datetime) -> list[str]:
    """Suppress the people and open an erasure for each, in one transaction; their ids.

    Somebody whose erasure is open keeps that one. now: naive UTC, the business clock.
    """
    if not requests:
        return []
    ids = []
    with engine.begin() as connection:
        for reason in sorted({request.reason for request in requests}):
            people = (request.person for request in requests if request.reason == reason)
            hashes = {pair for person in people for pair in person.hashes(keys.hashes)}
            suppress(connection, hashes, now=now, reason=reason)
        for request in requests:
            person, digest = request.person, request.person.keyed_hash(keys.hashes)
            open_one = select(erasures.c.erasure_id).where(
                erasures.c.keyed_hash == digest, erasures.c.finished_at.is_(None)
            )
            known = connection.scalar(open_one)
            if known is None:
                known = f"er_{secrets.token_hex(8)}"
                connection.execute(
                    insert(erasures).values(
                        erasure_id=known,
                        keyed_hash=digest,
                        reason=request.reason,
                        requested_by=request.by[:100],
                        because=request.because[:400],
                        started_at=now,
                        identifiers=sealed(person, keys.seal),
                    )
                )
            ids.append(known)
    reach("erasure.begun")
    return ids


def open_erasures(engine: Engine, keys: Keys) -> list[Open]:
    """Those not finished, oldest first."""
    statement = (
        select(erasures.c.erasure_id, erasures.c.keyed_hash, erasures.c.identifiers)
        .where(erasures.c.finished_at.is_(None))
        .order_by(erasures.c.started_at, erasures.c.erasure_id)
    )
    with engine.connect() as connection:
        return [
            Open(row.erasure_id, row.keyed_hash, unsealed(row.identifiers, keys.seal))
            for row in connection.execute(statement)
        ]


def work_off(
    engine: Engine, found: Sequence[Open], steps: Mapping[str, Step], *, now: datetime
) -> list[str]:
    """Do what each erasure still lacks, place by place in order; ids of those that lack nothing.

    A place that waits holds back the places after it, of that erasure only.
    """
    going = list(found)
    for place, step in steps.items():
        done = _done(engine, place)
        due = [one for one in going if one.erasure_id not in done]
        if not due:
            continue
        said = step(due)
        outcomes = said if isinstance(said, Mapping) else {o.erasure_id: said for o in due}
        _note(engine, place, outcomes, now)
        reach("erasure.step_done")
        held = {one for one, outcome in outcomes.items() if not outcome.is_done}
        going = [one for one in going if one.erasure_id not in held]
    return [one.erasure_id for one in going]


def look_again(engine: Engine, found: Sequence[Open], *, last: str) -> None:
    """Where the last place, a scan, still found somebody: every place is worked off once more."""
    ids = [one.erasure_id for one in found]
    failed = select(erasure_steps.c.erasure_id).where(
        erasure_steps.c.erasure_id.in_(ids),
        erasure_steps.c.place == last,
        erasure_steps.c.state == WAITING,
    )
    with engine.begin() as connection:
        again = list(connection.scalars(failed))
        mine = update(erasure_steps).where(erasure_steps.c.erasure_id.in_(again))
        connection.execute(mine.values(state=WAITING))


def together(due: Sequence[Open]) -> Identifiers:
    """All that are due as one person, for a step that looks through its place once."""
    return united(one.person for one in due)


def _done(engine: Engine, place: str) -> set[str]:
    statement = select(erasure_steps.c.erasure_id).where(
        erasure_steps.c.place == place, erasure_steps.c.state == DONE
    )
    with engine.connect() as connection:
        return set(connection.scalars(statement))


def _note(engine: Engine, place: str, outcomes: Mapping[str, Outcome], now: datetime) -> None:
    with engine.begin() as connection:
        for erasure_id, outcome in outcomes.items():
            its = (erasure_steps.c.erasure_id == erasure_id, erasure_steps.c.place == place)
            before = connection.scalar(select(erasure_steps.c.evidence).where(*its))
            evidence = dict(outcome.evidence)
            if before is not None and outcome.is_done:
                evidence["earlier"] = json.loads(before)
            values: dict[str, Any] = {
                "state": DONE if outcome.is_done else WAITING,
                "evidence": json.dumps(evidence, sort_keys=True, default=str),
                "done_at": now if outcome.is_done else None,
            }
            mine = update(erasure_steps).where(*its)
            if connection.execute(mine.values(**values)).rowcount == 0:
                connection.execute(
                    insert(erasure_steps).values(erasure_id=erasure_id, place=place, **values)
                )
            _log.info("erasure step", erasure=erasure_id, place=place, state=values["state"])


def steps_of(engine: Engine, erasure_id: str) -> list[dict[str, Any]]:
    """What is known of each place so far, in the order in which they were worked off."""
    statement = select(erasure_steps).where(erasure_steps.c.erasure_id == erasure_id)
    with engine.connect() as connection:
        rows = [dict(row) for row in connection.execute(statement).mappings()]
    return [row | {"evidence": json.loads(row["evidence"])} for row in rows]


def read(engine: Engine, *, only_open: bool = False) -> list[dict[str, Any]]:
    """The erasures, newest last, without anything about the people."""
    columns = [column for column in erasures.c if column.name != "identifiers"]
    statement = select(*columns).order_by(erasures.c.started_at, erasures.c.erasure_id)
    if only_open:
        statement = statement.where(erasures.c.finished_at.is_(None))
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(statement).mappings()]


def close(engine: Engine, erasure_id: str, *, now: datetime) -> None:
    """Note that every place said done, and forget the identifiers."""
    statement = update(erasures).where(erasures.c.erasure_id == erasure_id)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("pragma secure_delete = on")
        connection.execute(statement.values(finished_at=now, identifiers=None))
        connection.commit()
    reach("erasure.closed")
