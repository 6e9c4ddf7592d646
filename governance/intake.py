"""What people say about being contacted, through any door, becomes entries of one ledger.

One intake for every door: an act is known by its door, system and source key, so that the same
row read again is the same entry. A yes that its source cannot prove is kept as a claim: evidence,
and never a reason to write to somebody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from contract.crash_points import reach
from contract.normalisation import address_hash
from governance.doors import DOORS, Door, Said, count_said, heard
from governance.ledger import CLAIM, CONFIRMED, Entry, append, entry_id, mark_taken
from governance.mirror import TABLE, copy_entries

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from sqlalchemy import Engine

YES = ("grant", CONFIRMED)  # "confirmed" in an import is a word of its source like any other
_BY_ADDRESS_ONLY = ("email", "sms", "phone")  # nobody is known there by a postal address


@dataclass(frozen=True)
class IntakeReport:
    """What an intake did: read = appended + known + unusable, over all doors."""

    read_count: int
    appended_count: int
    known_count: int
    unusable_count: int

    def as_metadata(self) -> dict[str, int]:
        """The figures, named as everywhere."""
        return {
            "acts_read": self.read_count,
            "entries_appended": self.appended_count,
            "entries_known": self.known_count,
            "acts_unusable": self.unusable_count,
        }


def take_acts(
    con: DuckDBPyConnection, engine: Engine, *, now: datetime, hash_key: bytes
) -> IntakeReport:
    """Append every act that the ledger does not have, then mark the ledger up to date.

    hash_key: the company's pseudonym key; raw addresses are kept as keyed hashes only. An act
    that names neither a customer nor a readable address is unusable, and counted. Known acts are
    told apart by the warehouse's copy of the ledger, which is brought up to date first.
    """
    copy_entries(engine, con)
    reports = [_take(con, engine, door, now=now, hash_key=hash_key) for door in DOORS]
    reach("ledger.appended")
    for door in DOORS:
        mark_taken(engine, door.name, now=now)
    return IntakeReport(
        read_count=sum(report.read_count for report in reports),
        appended_count=sum(report.appended_count for report in reports),
        known_count=sum(report.known_count for report in reports),
        unusable_count=sum(report.unusable_count for report in reports),
    )


def _take(
    con: DuckDBPyConnection, engine: Engine, door: Door, *, now: datetime, hash_key: bytes
) -> IntakeReport:
    read = count_said(con, door)
    appended = unusable = 0
    for acts in heard(con, door, known=TABLE):
        by_act = [entries_of(said, hash_key) for said in acts]
        ids = append(engine, [entry for entries in by_act for entry in entries], now=now)
        appended += sum(any(one.entry_id in ids for one in entries) for entries in by_act)
        unusable += sum(not entries for entries in by_act)
    return IntakeReport(read, appended, read - appended - unusable, unusable)


def entries_of(said: Said, hash_key: bytes) -> list[Entry]:
    """One entry for the customer and one per way of reading the address."""
    subjects: list[tuple[str | None, str | None]] = []
    if said.customer_key:
        subjects.append((said.customer_key, None))
    subjects += [(None, digest) for digest in _hashes(said.address, said.channel, hash_key)]
    return [_entry(said, key, digest, number) for number, (key, digest) in enumerate(subjects)]


def _hashes(address: str | None, channel: str, hash_key: bytes) -> Sequence[str]:
    """The address as an e-mail address or a number, whatever the channel; else as a postal one.

    Who stops letters may give an e-mail address to be known by.
    """
    if not address:
        return []
    digests = [address_hash(kind, address, hash_key) for kind in ("email", "phone")]
    if not any(digests) and channel not in _BY_ADDRESS_ONLY:
        digests = [address_hash("post", address, hash_key)]
    return [digest for digest in digests if digest is not None]


def _entry(said: Said, key: str | None, digest: str | None, number: int) -> Entry:
    source = f"{said.door}:{said.source_system}"
    source_key = f"{said.source_key}|{number}"
    is_claim = said.act in YES and not said.proof
    return Entry(
        entry_id=entry_id(source, source_key),
        customer_key=key,
        source_system=said.customer_system if key else None,
        address_hash=digest,
        channel=said.channel,
        purpose=said.purpose,
        act=CLAIM if is_claim else said.act,
        source=source,
        source_key=source_key,
        occurred_at=said.occurred_at,
        known_at=said.known_at or said.occurred_at,
        door=said.through,
        wording_key=said.wording_key,
        proof=said.proof,
    )
