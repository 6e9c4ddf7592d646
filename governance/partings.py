"""Whoever is split into two people keeps, on both sides, every refusal of the time as one.

An unmerge must not let a message through that was refused while the two were one person: nobody
knows which of the two meant it. The refusal of one record is written for the others, with the
entry that it comes from as its proof; a later yes of a record counts for that record, as ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from contract.gate import RecordKey
from governance.ledger import CONFIRMED, REFUSALS, Entry, append, entries_about, entry_id
from governance.split_people import split_people

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from sqlalchemy import Engine

SOURCE = "identity:parting"


def carry_refusals(
    con: DuckDBPyConnection, engine: Engine, *, now: datetime, hash_key: bytes
) -> int:
    """Append what each record of a split person inherits; how many entries were new.

    Called between the new clusters and the models that read them: int_identity__resolved still
    says who was one person before. Running it again appends nothing.
    """
    inherited: list[Entry] = []
    for person in split_people(con, hash_key):
        keys = {record.customer_key for record in person.records}
        with engine.connect() as connection:
            said = entries_about(connection, keys, person.all_hashes)
        refused = list(_standing_refusals(said, person.records))
        inherited += [_for(record, one, now) for record in person.records for one in refused]
    return len(append(engine, inherited, now=now))


def _standing_refusals(said: Iterable[Entry], records: Sequence[RecordKey]) -> Iterator[Entry]:
    """The last word of each record or address on each channel and purpose, where it refuses."""
    last: dict[tuple[object, ...], Entry] = {}
    for one in sorted(said, key=lambda one: (one.occurred_at, one.act in REFUSALS)):
        is_about = one.customer_key is None or any(
            one.customer_key == record.customer_key
            and one.source_system in (None, record.source_system)
            for record in records
        )
        if is_about:
            subject = (one.source_system, one.customer_key, one.address_hash)
            # A claim, an expiry or a question after a no takes nothing of it back.
            if one.act in (*REFUSALS, "grant", CONFIRMED):
                last[*subject, one.channel, one.purpose] = one
    return (one for one in last.values() if one.act in REFUSALS and one.source != SOURCE)


def _for(record: RecordKey, refused: Entry, now: datetime) -> Entry:
    source_key = f"{record.source_system}|{record.customer_key}|{refused.entry_id}"
    return replace(
        refused,
        entry_id=entry_id(SOURCE, source_key),
        customer_key=record.customer_key,
        source_system=record.source_system,
        address_hash=None,
        source=SOURCE,
        source_key=source_key,
        occurred_at=now,
        known_at=now,
        proof=refused.entry_id,
    )
