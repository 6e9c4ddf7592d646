"""What stands for a person now: yes or no per channel and purpose, topics, frequency, corrections.

Read from the ledger and the centre's own events; what the warehouse knows stays in the warehouse.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from contract.gate import CHANNELS, PURPOSES, contact_purpose
from governance.ledger import CONFIRMED, Entry, entries_about
from governance.preferences.people import Person
from governance.preferences.tables import preference_events

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

ALL = "all"
MARKETING = "marketing"
NO_LIMIT = ""
# Where people are written to or called; what a platform may be given is asked as a purpose.
ASKED_CHANNELS = tuple(one for one in CHANNELS if contact_purpose(one) == MARKETING)
OTHER_PURPOSES = tuple(purpose for purpose in PURPOSES if purpose != MARKETING)
_NO = ("object", "withdraw", "refuse")
_ENDED = "expire"  # a yes came to its end: nothing is said any more, and that is no refusal
YES = ("grant", CONFIRMED)
# Whom an entry is about: system and key of a record, or the hash of an address.
Subject = tuple[str | None, str | None, str | None]


@dataclass(frozen=True)
class Standing:
    """channels, purposes: name → True (yes), False (no), None (never said).

    most_per_week: as chosen, empty for no limit. stated: detail → the value last stated; corrected:
    detail → its day. consents, choices: another text as soon as there is one more of them.
    """

    channels: Mapping[str, bool | None]
    purposes: Mapping[str, bool | None]
    refused_topics: frozenset[str] = frozenset()
    most_per_week: str = NO_LIMIT
    stated: Mapping[str, str] = field(default_factory=dict, repr=False)
    corrected: Mapping[str, date] = field(default_factory=dict)
    consents: str = ""
    choices: str = ""

    @property
    def is_contradicted(self) -> bool:
        """Whether a yes to a channel stands beside a no to being chosen: then nothing is sent."""
        return self.purposes["profiling"] is False and any(self.channels.values())


def read_standing(connection: Connection, person: Person) -> Standing:
    """What the person said, over all records and addresses; one standing no is a no."""
    mine = entries_of(connection, person)
    chosen = _chosen(connection, person)
    refused = {n for (kind, n), one in chosen.items() if (kind, one.value) == ("topic", "no")}
    frequency = chosen.get(("frequency", "messages"))
    return Standing(
        channels={one: said_about(mine, one, MARKETING) for one in ASKED_CHANNELS},
        purposes={one: said_about(mine, ALL, one) for one in OTHER_PURPOSES},
        refused_topics=frozenset(refused),
        most_per_week=frequency.value if frequency else NO_LIMIT,
        stated={name: one.value for (kind, name), one in chosen.items() if kind == "detail"},
        corrected={
            n: one.occurred_at.date() for (kind, n), one in chosen.items() if kind == "detail"
        },
        consents=_digest(entry.entry_id for entry in mine),
        choices=_digest(row.event_id for row in chosen.values()),
    )


def said_about(entries: Sequence[Entry], channel: str, purpose: str) -> bool | None:
    """No as soon as the last word of one record or address is no; yes when one said yes."""
    last = last_words(entries, channel, purpose)
    return all(last.values()) if last else None


def last_words(entries: Sequence[Entry], channel: str, purpose: str) -> dict[Subject, bool]:
    """Record or address → whether its last word about the channel and purpose is yes."""
    last: dict[Subject, bool] = {}
    for entry in sorted(entries, key=lambda one: (one.occurred_at, one.act in _NO)):
        fits = entry.channel in (channel, ALL) and entry.purpose in (purpose, ALL)
        subject = (entry.source_system, entry.customer_key, entry.address_hash)
        if fits and entry.act in (*_NO, *YES):
            last[subject] = entry.act in YES
        elif fits and entry.act == _ENDED and last.get(subject):
            last.pop(subject)
    return last


def has_refused(entries: Sequence[Entry], subject: Subject, channel: str, purpose: str) -> bool:
    """Whether the last word of a record or address that bears on this is a no to all of it.

    channel, purpose: `all` is borne on by every word, and refused by a no to everything only.
    """
    last = None
    for entry in sorted(entries, key=lambda one: (one.occurred_at, one.act in _NO)):
        is_mine = subject == (entry.source_system, entry.customer_key, entry.address_hash)
        bears = ALL in (channel, entry.channel) or entry.channel == channel
        is_meant = ALL in (purpose, entry.purpose) or entry.purpose == purpose
        if is_mine and bears and is_meant and entry.act in (*_NO, *YES):
            last = entry
    return (
        last is not None
        and last.act in _NO
        and last.channel in (channel, ALL)
        and last.purpose in (purpose, ALL)
    )


def entries_of(connection: Connection, person: Person) -> list[Entry]:
    """Every entry about the person's records and addresses, oldest first."""
    entries = entries_about(connection, person.customer_keys, person.address_hashes)
    return [entry for entry in entries if _is_about(entry, person)]


def _is_about(entry: Entry, person: Person) -> bool:
    """A key alone is not enough: two systems may use the same one."""
    if entry.customer_key is None:
        return entry.address_hash in person.address_hashes
    return any(
        record.customer_key == entry.customer_key
        and entry.source_system in (record.source_system, None)
        for record in person.record_keys
    )


def _chosen(connection: Connection, person: Person) -> dict[tuple[str, str], Row[Any]]:
    """(kind, name) → the last event, over the person's records."""
    events = preference_events.c
    statement = (
        select(preference_events)
        .where(events.customer_key.in_(person.customer_keys))
        .order_by(events.occurred_at, events.event_id)
    )
    systems = {(record.source_system, record.customer_key) for record in person.record_keys}
    rows = connection.execute(statement).all()
    return {
        (row.kind, row.name): row
        for row in rows
        if (row.source_system, row.customer_key) in systems
    }


def _digest(ids: Iterable[str]) -> str:
    return hashlib.sha256("|".join(sorted(ids)).encode()).hexdigest()
