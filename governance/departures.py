"""Records that left a person at a parting, for the links in e-mails that were sent before it.

A link stands for the records that its e-mail was decided on. After a parting some of them are
somebody else's: whoever holds the link may still say no for all of them, and yes for their own.
This is a state, not a history: a record that is with its founder again has not left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa
from sqlalchemy import and_, delete, insert, select

from contract.gate import RecordKey
from governance.split_people import CLUSTERS, SplitPerson, split_people
from governance.tables import departures

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from sqlalchemy import Connection, Engine

_KEYS = ("customer_id", "source_system", "customer_key")
_SCHEMA = pa.schema([(name, pa.string()) for name in _KEYS])
Departed = tuple[str, str, str]  # customer id, system, key


def note_departures(con: DuckDBPyConnection, engine: Engine, *, hash_key: bytes) -> int:
    """Bring the departures up to date with the new clusters; how many records left now.

    Called where refusals are carried: int_identity__resolved still says who was one person.
    """
    split = list(split_people(con, hash_key))
    left = [found for person in split for found in _addresses(person, person.departed())]
    rows = [
        {**dict(zip(_KEYS, departed, strict=True)), "address_hash": digest}
        for departed, digest in left
    ]
    gone = {departed for departed, _ in left}
    with engine.begin() as connection:
        for departed in gone | _returned(con, connection):
            _forget(connection, departed)
        if rows:
            connection.execute(insert(departures), rows)
    return len(gone)


def departed_of(
    connection: Connection, customer_id: str
) -> tuple[frozenset[RecordKey], frozenset[str]]:
    """The records, and hashes of addresses only they had, that are not this person's any more."""
    mine = select(departures).where(departures.c.customer_id == customer_id)
    rows = connection.execute(mine).all()
    records = frozenset(RecordKey(row.source_system, row.customer_key) for row in rows)
    return records, frozenset(row.address_hash for row in rows if row.address_hash)


def _addresses(
    person: SplitPerson, left: Sequence[RecordKey]
) -> Iterator[tuple[Departed, str | None]]:
    """Each record that left without an address, and with each that none of those who stay has."""
    kept = set().union(*(person.hashes[one] for one in person.records if one not in left))
    for one in left:
        departed = (person.customer_id, one.source_system, one.customer_key)
        for digest in (None, *sorted(person.hashes[one] - kept)):
            yield departed, digest


def _returned(con: DuckDBPyConnection, connection: Connection) -> set[Departed]:
    """Who is again in one cluster with the record that founded the id."""
    known = connection.execute(select(*(departures.c[name] for name in _KEYS)).distinct()).all()
    if not known:
        return set()
    rows = [dict(zip(_KEYS, row, strict=True)) for row in known]
    con.register("departed_records", pa.Table.from_pylist(rows, schema=_SCHEMA))
    back = con.execute(f"""
        select departed_records.*
        from departed_records
        inner join {CLUSTERS} as mine
            on mine.record_id = source_system || '|' || departed_records.customer_key
        inner join {CLUSTERS} as founder
            on founder.cluster_id = mine.cluster_id
            and 'c_' || substr(sha256(founder.record_id), 1, 16) = departed_records.customer_id
    """).fetchall()
    con.unregister("departed_records")
    return set(back)


def _forget(connection: Connection, departed: Departed) -> None:
    same = (departures.c[name] == value for name, value in zip(_KEYS, departed, strict=True))
    connection.execute(delete(departures).where(and_(*same)))
