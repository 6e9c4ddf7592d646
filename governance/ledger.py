"""The consent ledger: append entries, read the entries about some people, know how fresh it is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, update

from contract.errors import ConfigError
from governance.tables import consent_entries, ledger_intakes

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Select

ASKED, CONFIRMED = "double_opt_in_asked", "double_opt_in_confirmed"
CLAIM = "claim"  # a yes that its source states without proof
ACTS = ("grant", "refuse", "withdraw", "object", "inform", ASKED, CONFIRMED, CLAIM)
CHUNK = 500  # bound values of one statement; SQLite's oldest limit is 999


@dataclass(frozen=True)
class Entry:
    """One act about being contacted; times in UTC.

    source_system: the system whose key customer_key is. door, wording_key and proof: where the
    person acted, on which text, and the source's reference of the proof.
    """

    entry_id: str
    customer_key: str | None
    source_system: str | None
    address_hash: str | None
    channel: str
    purpose: str
    act: str
    source: str
    source_key: str
    occurred_at: datetime
    known_at: datetime
    door: str | None = None
    wording_key: str | None = None
    proof: str | None = None


def entry_id(source: str, source_key: str) -> str:
    """The same source row always becomes the same entry: that makes an intake idempotent."""
    digest = hashlib.sha256(f"{source}|{source_key}".encode()).hexdigest()
    return f"e_{digest[:32]}"


def append(engine: Engine, entries: Sequence[Entry], *, now: datetime) -> set[str]:
    """Append the entries that the ledger does not have yet, in one transaction; their ids.

    Raises ConfigError for an act nobody knows.
    """
    for entry in entries:
        if entry.act not in ACTS:
            raise ConfigError(f"Consent entry {entry.entry_id}: unknown act '{entry.act}'.")
    with engine.begin() as connection:
        known = _known_ids(connection, [entry.entry_id for entry in entries])
        fresh = {entry.entry_id: entry for entry in entries if entry.entry_id not in known}
        rows = [asdict(entry) | {"recorded_at": now} for entry in fresh.values()]
        if rows:
            connection.execute(insert(consent_entries), rows)
    return set(fresh)


def mark_taken(engine: Engine, intake: str, *, now: datetime) -> None:
    """Note that the ledger was brought up to date at `now`."""
    with engine.begin() as connection:
        count = connection.scalar(select(func.count()).select_from(consent_entries)) or 0
        values = {"taken_at": now, "entry_count": count}
        mine = update(ledger_intakes).where(ledger_intakes.c.intake == intake)
        if connection.execute(mine.values(values)).rowcount == 0:
            connection.execute(insert(ledger_intakes).values(intake=intake, **values))


def last_taken_at(connection: Connection) -> datetime | None:
    """When the ledger was last brought up to date by every intake; None: never."""
    taken_at: datetime | None = connection.scalar(select(func.min(ledger_intakes.c.taken_at)))
    return taken_at


def entries_about(
    connection: Connection, customer_keys: Iterable[str], address_hashes: Iterable[str]
) -> list[Entry]:
    """Every entry about any of these source keys or addresses, oldest first."""
    columns = [consent_entries.c[name] for name in Entry.__dataclass_fields__]
    found: dict[str, Entry] = {}
    for keys in _chunks(sorted(set(customer_keys))):
        wanted = consent_entries.c.customer_key.in_(keys)
        _collect(connection, select(*columns).where(wanted), found)
    for hashes in _chunks(sorted(set(address_hashes))):
        wanted = consent_entries.c.address_hash.in_(hashes)
        _collect(connection, select(*columns).where(wanted), found)
    return sorted(found.values(), key=lambda entry: (entry.occurred_at, entry.entry_id))


def _collect(connection: Connection, statement: Select[Any], found: dict[str, Entry]) -> None:
    for row in connection.execute(statement).mappings():
        found[row["entry_id"]] = Entry(**row)


def _known_ids(connection: Connection, wanted: Sequence[str]) -> set[str]:
    known: set[str] = set()
    for ids in _chunks(wanted):
        statement = select(consent_entries.c.entry_id).where(consent_entries.c.entry_id.in_(ids))
        known.update(connection.scalars(statement))
    return known


def _chunks(values: Iterable[str]) -> Iterator[list[str]]:
    remaining = iter(values)
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk
