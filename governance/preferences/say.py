"""What a person says in the centre, written down at once: consent acts in the ledger, which the
gate reads before every batch, and choices among the centre's events.

Each act is about every record and address of the person, so that no part of them is forgotten; a
no also about those that were theirs when the e-mail was sent and are somebody else's since.
Saying the same twice is saying it once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from governance import ledger
from governance.ledger import Entry
from governance.preferences.people import Person
from governance.preferences.standing import (
    ALL,
    MARKETING,
    YES,
    Standing,
    Subject,
    entries_of,
    has_refused,
    last_words,
    read_standing,
)
from governance.preferences.tables import preference_events

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

SOURCE = "preference_centre"
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Act:
    """One word about being contacted. wording_key: the text that the person saw."""

    channel: str
    purpose: str
    act: str
    wording_key: str | None = None


@dataclass(frozen=True)
class Choice:
    """One choice that is no consent: kind topic, frequency or detail."""

    kind: str
    name: str
    value: str


@dataclass(frozen=True)
class By:
    """One form or click and what stood when it came.

    Sent twice at a time it finds the same standing, and is one; sent again later, it says something
    new if it says anything.
    """

    form: str
    customer_id: str
    standing: Standing

    @property
    def said(self) -> str:
        """The id of what it says about being contacted."""
        return _said_id(self.customer_id, self.form, self.standing.consents)

    @property
    def chosen(self) -> str:
        """The id of what it chooses."""
        return _said_id(self.customer_id, self.form, self.standing.choices)


def _said_id(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:24]


STOP_EVERYTHING = Act(ALL, ALL, "object")
STOP_EMAIL = Act("email", MARKETING, "withdraw")


@dataclass(frozen=True)
class Desk:
    """Where it is written down. now: naive UTC, the business clock that the gate is asked with."""

    engine: Engine
    now: datetime

    def standing(self, person: Person) -> Standing:
        """What stands for this person."""
        with self.engine.connect() as connection:
            return read_standing(connection, person)

    def say(
        self, person: Person, by: By, acts: Sequence[Act], choices: Sequence[Choice] = ()
    ) -> int:
        """Write down one form or click; how many rows were new. The same one again is none."""
        addressed, own = person.as_addressed(), set(_subjects(person))
        with self.engine.connect() as connection:
            mine = entries_of(connection, addressed)
        before = [one for one in mine if one.source == SOURCE]
        # After what the person said here before: on a pinned day the clock turns back at midnight.
        last = max((one.occurred_at for one in before), default=self.now - _TICK)
        word = _Word(by, self.now, max(self.now, last + _TICK))
        entries = [
            _entry(subject, word, act, number)
            for act in acts
            for number, subject in enumerate(_subjects(addressed))
            if act.act not in YES or (subject in own and _takes_yes(subject, act, mine))
        ]
        try:
            return self._write(person, word, entries, choices)
        except IntegrityError:  # the same form, sent twice at a time: the other one was first
            return self._write(person, word, entries, choices)

    def stop(self, person: Person, act: Act) -> int:
        """Withdraw or object at once; nothing is written where every record and address has it."""
        with self.engine.connect() as connection:
            mine = entries_of(connection, person.as_addressed())
            standing = read_standing(connection, person)
        everybody = _subjects(person.as_addressed())
        if all(has_refused(mine, one, act.channel, act.purpose) for one in everybody):
            return 0
        return self.say(person, By(f"{act.act} {act.channel}", person.customer_id, standing), [act])

    def _write(
        self, person: Person, word: _Word, entries: Sequence[Entry], choices: Sequence[Choice]
    ) -> int:
        appended = ledger.append(self.engine, entries, now=self.now) if entries else set()
        rows = [row for choice in choices for row in _events(person, word, choice)]
        if not rows:
            return len(appended)
        with self.engine.begin() as connection:
            known = _known(connection, [row["event_id"] for row in rows])
            fresh = [row for row in rows if row["event_id"] not in known]
            if fresh:
                connection.execute(insert(preference_events), fresh)
        return len(appended) + len(fresh)


@dataclass(frozen=True)
class _Word:
    """One form or click, when it was received, and when it counts."""

    by: By
    now: datetime
    moment: datetime


def _subjects(person: Person) -> list[Subject]:
    records: list[Subject] = [
        (record.source_system, record.customer_key, None) for record in person.record_keys
    ]
    return records + [(None, None, digest) for digest in person.address_hashes]


def _takes_yes(subject: Subject, act: Act, mine: Sequence[Entry]) -> bool:
    """A yes is about the records, and about an address only where it has to lift a no: a family
    shares a landline, and not everybody in it said yes.
    """
    is_record = subject[1] is not None
    return is_record or last_words(mine, act.channel, act.purpose).get(subject) is False


def _entry(subject: Subject, word: _Word, act: Act, number: int) -> Entry:
    source_key = f"{word.by.said}|{act.channel}|{act.purpose}|{number}"
    source_system, customer_key, address_hash = subject
    return Entry(
        entry_id=ledger.entry_id(SOURCE, source_key),
        customer_key=customer_key,
        source_system=source_system,
        address_hash=address_hash,
        channel=act.channel,
        purpose=act.purpose,
        act=act.act,
        source=SOURCE,
        source_key=source_key,
        occurred_at=word.moment,
        known_at=word.moment,
        door=SOURCE,
        wording_key=act.wording_key,
        proof=f"{SOURCE}:{word.by.said}",
    )


def _events(person: Person, word: _Word, choice: Choice) -> list[dict[str, Any]]:
    """One row per record; a detail is stated once: it is about the person, not about a record."""
    records = person.record_keys[:1] if choice.kind == "detail" else person.record_keys
    return [
        {
            "event_id": f"{word.by.chosen}-{choice.kind}-{choice.name}-{number}",
            "source_system": record.source_system,
            "customer_key": record.customer_key,
            "kind": choice.kind,
            "name": choice.name,
            "value": choice.value,
            "occurred_at": word.moment,
            "recorded_at": word.now,
        }
        for number, record in enumerate(records)
    ]


def _known(connection: Connection, ids: Sequence[str]) -> set[str]:
    events = preference_events.c
    return set(connection.scalars(select(events.event_id).where(events.event_id.in_(ids))))
