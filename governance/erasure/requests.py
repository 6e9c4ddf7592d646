"""From people, or from what a source says they asked, to erasures under way."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from governance.erasure import saga
from governance.erasure.identifiers import Identifiers
from governance.erasure.people import find_customers, gather, owners_of, prepare

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from sqlalchemy import Engine

    from contract.entity import Entity

WAITING = """
select source_system, erasure_request_key, customer_system, customer_key, email, door
from raw_files.erasure_requests where not is_deleted
order by requested_at, source_system, erasure_request_key
"""


@dataclass(frozen=True)
class Desk:
    """Where people are looked up and erasures are kept. now: naive UTC, the business clock."""

    con: DuckDBPyConnection
    engine: Engine
    entities: Mapping[str, Entity]
    keys: saga.Keys
    now: datetime


def request_erasure(
    desk: Desk, wanted: Collection[str], *, by: str, because: str, reason: str = "request"
) -> list[str]:
    """Begin to erase these people (customer or record ids); ids of the erasures, one a person.

    From here on none of their rows can be loaded again. reason: request, or retention for people
    who were silent too long and may come back. Raises UnknownCustomer, having begun nothing.
    """
    prepare(desk.con)
    customers = sorted(set(find_customers(desk.con, wanted).values()))
    people = [gather(desk.con, one, desk.entities) for one in customers]
    requests = [saga.Request(person, by, because, reason) for person in people]
    return saga.begin(desk.engine, requests, desk.keys, now=desk.now)


def take_requests(desk: Desk) -> tuple[list[str], list[str]]:
    """Begin what people asked for through a source; ids of erasures, requests that name several.

    A request is a row about the person, too: it goes with the others, and is not taken twice.
    """
    begun: list[str] = []
    unclear: list[str] = []
    waiting = desk.con.execute(WAITING).fetchall()
    if waiting:
        prepare(desk.con)
    for source, key, system, customer_key, email, door in waiting:
        record = f"{system}|{customer_key}" if customer_key else None
        owners = owners_of(desk.con, record, email)
        person = _person(desk, owners, (system, customer_key), email)
        # Several owners; or somebody else's address beside a record nobody has; or nobody at all.
        is_other = bool(record and owners) and owners != owners_of(desk.con, record, None)
        if len(owners) > 1 or is_other or not person.hashes(desk.keys.hashes):
            unclear.append(f"{source} {key}")
            continue
        because = f"request {key} of {source}, door {door or 'unknown'}"
        request = saga.Request(person, source, because)
        begun += saga.begin(desk.engine, [request], desk.keys, now=desk.now)
    return begun, unclear


def _person(
    desk: Desk, owners: list[str], record: tuple[str, str | None], email: str | None
) -> Identifiers:
    """Whom the request means; somebody of whom nothing is held is what the request says."""
    if owners:
        return gather(desk.con, owners[0], desk.entities)
    system, key = record
    return Identifiers(records=((system, key),) if key else (), emails=(email,) if email else ())
