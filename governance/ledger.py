"""The consent ledger: append entries, read or erase those about some people, know how fresh it is.

Every entry is numbered and committed to in a log (governance/merkle): nothing in it can be edited,
removed or reordered unseen, and erasing a person leaves the log provable.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import delete, func, insert, select, update

from contract.errors import ConfigError
from contract.gate import RecordKey
from governance.merkle.log import writing
from governance.merkle.numbers import NUMBERS_LENGTH, written_numbers
from governance.merkle.record import FIELDS
from governance.tables import consent_entries, ledger_erased, ledger_intakes, ledger_verifications

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Row, Select

ASKED, CONFIRMED = "double_opt_in_asked", "double_opt_in_confirmed"
CLAIM = "claim"  # a yes that its source states without proof
EXPIRE = "expire"  # a yes that has become too old, or was never confirmed in time
ERASE = "erase"  # about nobody: the numbers of entries that were erased stand in its proof
REFUSALS = ("object", "refuse", "withdraw")
ACTS = ("grant", "refuse", "withdraw", "object", "inform", ASKED, CONFIRMED, EXPIRE, CLAIM)
CHUNK = 500  # bound values of one statement; SQLite's oldest limit is 999
Value = TypeVar("Value")


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


_RECORDED = FIELDS.index("recorded_at")
_SAID = attrgetter(*(name for name in FIELDS if name != "recorded_at"))


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
    with writing(engine, now=now) as log:
        known = _known_ids(log.connection, [entry.entry_id for entry in entries])
        fresh = {entry.entry_id: entry for entry in entries if entry.entry_id not in known}
        log.add([_row(entry, now) for entry in fresh.values()])
    return set(fresh)


def erase_about(
    engine: Engine,
    record_keys: Iterable[RecordKey],
    address_hashes: Iterable[str],
    *,
    now: datetime,
    shared_keys: Iterable[str] = (),
) -> int:
    """Erase every entry about any of these records or addresses, with its salt; how many.

    A refusal that names a key and no system stays when somebody else has that key in another
    system, as the ledger or the caller (shared_keys) knows: it is their word as well.

    Their commitments stay and say nothing any more. The log gets entries of act `erase` that list
    the erased numbers, so that no other removal can pass for an erasure.
    """
    with writing(engine, now=now) as log:
        shared = set(shared_keys)
        numbers = sorted(_numbers_about(log.connection, record_keys, address_hashes, shared))
        if not numbers:
            return 0
        log.add([_row(entry, now) for entry in _erasures(numbers, now)])
        log.connection.execute(insert(ledger_erased), [{"sequence": one} for one in numbers])
        for chunk in _chunks(numbers):
            wanted = consent_entries.c.sequence.in_(chunk)
            log.connection.execute(delete(consent_entries).where(wanted))
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:  # the write-ahead log still holds what was erased
            connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
    return len(numbers)


def _erasures(numbers: Sequence[int], now: datetime) -> Iterator[Entry]:
    for listed in written_numbers(numbers, NUMBERS_LENGTH):
        yield Entry(
            entry_id=entry_id("erasure", listed),
            customer_key=None,
            source_system=None,
            address_hash=None,
            channel="all",
            purpose="all",
            act=ERASE,
            source="erasure",
            source_key=listed,
            occurred_at=now,
            known_at=now,
            proof=listed,
        )


def _row(entry: Entry, now: datetime) -> list[object]:
    values: list[object] = list(_SAID(entry))
    values.insert(_RECORDED, now)
    return values


def _numbers_about(
    connection: Connection,
    record_keys: Iterable[RecordKey],
    address_hashes: Iterable[str],
    shared_keys: set[str],
) -> set[int]:
    """The numbers of the entries about these records (of their own system) and addresses."""
    columns = consent_entries.c
    systems: dict[str, set[str | None]] = {}
    for record in record_keys:
        systems.setdefault(record.customer_key, {None}).add(record.source_system)
    found: set[int] = set()
    for keys in _chunks(sorted(systems)):
        said = (columns.sequence, columns.customer_key, columns.source_system, columns.act)
        about = select(*said).where(columns.customer_key.in_(keys), columns.sequence.is_not(None))
        rows = connection.execute(about).all()
        mine = [row for row in rows if row.source_system in systems[row.customer_key]]
        shared = shared_keys | {row.customer_key for row in set(rows).difference(mine)}
        found.update(row.sequence for row in mine if not _is_theirs_too(row, shared))
    for hashes in _chunks(sorted(set(address_hashes))):
        by_address = columns.address_hash.in_(hashes) & columns.sequence.is_not(None)
        found.update(connection.scalars(select(columns.sequence).where(by_address)))
    return found


def _is_theirs_too(row: Row[Any], shared_keys: set[str]) -> bool:
    is_of_any_system = row.source_system is None and row.act in REFUSALS
    return is_of_any_system and row.customer_key in shared_keys


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


def is_as_signed(connection: Connection) -> bool:
    """Whether the newest verification of the log found nothing; True before the first one."""
    done = ledger_verifications.c
    newest = select(done.first_bad).order_by(done.verification_id.desc()).limit(1)
    return connection.scalar(newest) is None


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


def said_by(
    connection: Connection, record_keys: Iterable[RecordKey], address_hashes: Iterable[str]
) -> list[Entry]:
    """As entries_about; a key counts only for the system whose key it is, or for no system."""
    records: set[tuple[str | None, str]] = {
        (record.source_system, record.customer_key) for record in record_keys
    }
    keys = {key for _, key in records}
    records |= {(None, key) for key in keys}
    return [
        entry
        for entry in entries_about(connection, keys, address_hashes)
        if entry.customer_key is None or (entry.source_system, entry.customer_key) in records
    ]


def entry_of(connection: Connection, wanted: str) -> Entry | None:
    """The entry of that id; None: there is none, or not any more."""
    found: dict[str, Entry] = {}
    columns = [consent_entries.c[name] for name in Entry.__dataclass_fields__]
    _collect(connection, select(*columns).where(consent_entries.c.entry_id == wanted), found)
    return found.get(wanted)


def _collect(connection: Connection, statement: Select[Any], found: dict[str, Entry]) -> None:
    for row in connection.execute(statement).mappings():
        found[row["entry_id"]] = Entry(**row)


def _known_ids(connection: Connection, wanted: Sequence[str]) -> set[str]:
    known: set[str] = set()
    for ids in _chunks(wanted):
        statement = select(consent_entries.c.entry_id).where(consent_entries.c.entry_id.in_(ids))
        known.update(connection.scalars(statement))
    return known


def _chunks(values: Iterable[Value]) -> Iterator[list[Value]]:
    remaining = iter(values)
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk
