"""Objections that the sources state become entries of the consent ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from contract.crash_points import reach
from contract.normalisation import address_hash
from governance.ledger import Entry, append, entry_id, mark_taken

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from sqlalchemy import Engine

INTAKE = "objections"
# The united model once several systems state objections; the files' own staging view before.
_SOURCES = (
    ("intermediate", "int_objections__united"),
    ("staging", "stg_files__objections"),
)
_ADDRESS_KINDS = {"email": "email", "sms": "phone", "phone": "phone", "post": "post"}


@dataclass(frozen=True)
class IntakeReport:
    """What an intake did: read = appended + known + unusable."""

    read_count: int
    appended_count: int
    known_count: int
    unusable_count: int

    def as_metadata(self) -> dict[str, int]:
        """The figures, named as everywhere."""
        return {
            "objections_read": self.read_count,
            "entries_appended": self.appended_count,
            "entries_known": self.known_count,
            "objections_unusable": self.unusable_count,
        }


def take_objections(
    con: DuckDBPyConnection, engine: Engine, *, now: datetime, hash_key: bytes
) -> IntakeReport:
    """Append every objection that the ledger does not have, then mark the ledger up to date.

    hash_key: the company's pseudonym key; raw addresses are kept as keyed hashes only. An
    objection that names neither a customer nor a readable address is unusable, and counted.
    """
    rows = _objections(con)
    by_row = [_entries(row, hash_key) for row in rows]
    appended = append(engine, [entry for entries in by_row for entry in entries], now=now)
    reach("ledger.appended")
    mark_taken(engine, INTAKE, now=now)
    usable = [{entry.entry_id for entry in entries} for entries in by_row if entries]
    new = sum(1 for ids in usable if ids & appended)
    return IntakeReport(len(rows), new, len(usable) - new, len(rows) - len(usable))


def _objections(con: DuckDBPyConnection) -> list[dict[str, Any]]:
    for schema, table in _SOURCES:
        found = con.execute(
            "select 1 from information_schema.tables where table_schema = ? and table_name = ?",
            [schema, table],
        ).fetchone()
        if found:
            cursor = con.execute(
                "select source_system, source_key, customer_key, address, channel, purpose, "
                f'objected_at, known_at from {schema}."{table}" order by source_system, source_key'
            )
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return []


def _entries(row: dict[str, Any], hash_key: bytes) -> list[Entry]:
    """One entry for the customer and one per way of reading the address."""
    subjects: list[tuple[str | None, str | None]] = []
    if row["customer_key"]:
        subjects.append((row["customer_key"], None))
    subjects += [(None, digest) for digest in _hashes(row["address"], row["channel"], hash_key)]
    return [_entry(row, key, digest, str(number)) for number, (key, digest) in enumerate(subjects)]


def _hashes(address: str | None, channel: str, hash_key: bytes) -> list[str]:
    if not address:
        return []
    kinds = [_ADDRESS_KINDS[channel]] if channel in _ADDRESS_KINDS else ["email", "phone", "post"]
    digests = [address_hash(kind, address, hash_key) for kind in kinds]
    return [digest for digest in digests if digest is not None]


def _entry(row: dict[str, Any], key: str | None, digest: str | None, part: str) -> Entry:
    source = f"{INTAKE}:{row['source_system']}"
    source_key = f"{row['source_key']}|{part}"
    return Entry(
        entry_id=entry_id(source, source_key),
        customer_key=key,
        source_system=row["source_system"] if key else None,
        address_hash=digest,
        channel=row["channel"],
        purpose=row["purpose"],
        act="object",
        source=source,
        source_key=source_key,
        occurred_at=row["objected_at"],
        known_at=row["known_at"] or row["objected_at"],
    )
