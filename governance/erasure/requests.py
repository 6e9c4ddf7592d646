"""From people, or from what a source says they asked, to erasures under way."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from contract.errors import ConfigError
from governance.erasure import saga
from governance.erasure.finder import Finder
from governance.erasure.gathering import gather
from governance.erasure.identifiers import Identifiers
from governance.erasure.people import (
    find_customers,
    owners_of_emails,
    owners_of_records,
    prepare,
)

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
    who were silent too long and may come back. Raises UnknownCustomer, and ConfigError for words
    that name one of them; nothing is begun then.
    """
    prepare(desk.con)
    customers = sorted(set(find_customers(desk.con, wanted).values()))
    people = gather(desk.con, customers, desk.entities)
    if _names(desk, people.values(), by, because):
        raise ConfigError(
            "--by or --because names the person who is to be erased, and both stay in the "
            "certificate. Give a reference instead, as the number of the letter."
        )
    requests = [saga.Request(person, by, because, reason) for person in people.values()]
    return saga.begin(desk.engine, requests, desk.keys, now=desk.now)


def take_requests(desk: Desk) -> tuple[list[str], list[str]]:
    """Begin what people asked for through a source; ids of erasures, requests that name several.

    A request is a row about the person, too: it goes with the others, and is not taken twice.
    """
    asked = [Asked(*row) for row in desk.con.execute(WAITING).fetchall()]
    if not asked:
        return [], []
    prepare(desk.con)
    owners = _owners(desk, asked)
    customers = {found[0] for found in owners.values() if len(found) == 1}
    known = gather(desk.con, sorted(customers), desk.entities)
    requests: list[saga.Request] = []
    unclear: list[str] = []
    for one in asked:
        is_known = len(owners[one]) == 1
        person = known[owners[one][0]] if is_known else one.as_person()
        if (owners[one] and not is_known) or not person.hashes(desk.keys.hashes):
            unclear.append(f"{one.source} {one.key}")
            continue
        # A source's key of a request may be the address itself.
        is_naming = _names(desk, [person], one.because)
        because = f"request of {one.source}" if is_naming else one.because
        requests.append(saga.Request(person, one.source, because))
    return saga.begin(desk.engine, requests, desk.keys, now=desk.now), unclear


@dataclass(frozen=True)
class Asked:
    """What a source says of one request."""

    source: str
    key: str
    system: str
    customer_key: str | None
    email: str | None
    door: str | None

    @property
    def record_id(self) -> str | None:
        """The record that the request names."""
        return f"{self.system}|{self.customer_key}" if self.customer_key else None

    @property
    def because(self) -> str:
        """The reference that the certificate repeats."""
        return f"request {self.key} of {self.source}, door {self.door or 'unknown'}"

    def as_person(self) -> Identifiers:
        """Somebody of whom nothing is held is what the request says."""
        records = ((self.system, self.customer_key),) if self.customer_key else ()
        return Identifiers(records=records, emails=(self.email,) if self.email else ())


def _owners(desk: Desk, asked: Sequence[Asked]) -> dict[Asked, Sequence[str]]:
    """The customers whom each may mean: the one of its record, else all with its address.

    A record that nobody has, beside somebody's address, may be another person: both are named.
    """
    records = owners_of_records(desk.con, [one.record_id for one in asked if one.record_id])
    emails = owners_of_emails(desk.con, {one.email for one in asked if one.email})
    found: dict[Asked, Sequence[str]] = {}
    for one in asked:
        mine, theirs = records.get(one.record_id or ""), emails.get(one.email or "", [])
        unknown = [one.record_id] if one.record_id and theirs else []
        found[one] = [mine] if mine else [*theirs, *unknown]
    return found


def _names(desk: Desk, people: Iterable[Identifiers], *texts: str) -> bool:
    """Whether one of the texts would keep the person in the certificate for ever."""
    needles = {needle for person in people for needle in person.needles(desk.keys.hashes)}
    return bool(Finder(sorted(needles)).holding(texts))
