"""Moves, new e-mail addresses and numbers: planned at the start, followed by some records only."""

from dataclasses import dataclass

import numpy as np

from demo.world.chance import draw, happens, pick, rng
from demo.world.columns import Ints, Words
from demo.world.dirt import Misspeller
from demo.world.lexicon import towns
from demo.world.people import HORIZON, Population, draw_addresses, draw_new_emails, draw_phones
from demo.world.records import SYSTEMS, Records

MOVE, NEW_EMAIL, NEW_PHONE = range(3)
YEARLY = (0.055, 0.04, 0.05)
FOLLOWED = (0.6, 0.55, 0.5)  # share of existing records that somebody corrects


@dataclass(frozen=True)
class Changes:
    """One row per change, in the order of days; text and town are the new values."""

    day: Ints
    person: Ints
    kind: Ints
    text: Ints
    town: Ints
    city: Ints


def draw_changes(seed: int, people: Population, days: int, texts: Words) -> Changes:
    """Plan the changes of everybody; a whole household moves at once."""
    span = days + HORIZON
    parts = []
    for kind, share in enumerate(YEARLY):
        chance = rng(seed, "changes", kind)
        who = np.flatnonzero(happens(chance, share * span / 365, people.count))
        if kind == MOVE:
            who = who[people.head[who] == who]
        parts.append((chance.integers(1, span, len(who)), who, np.full(len(who), kind)))
    day, person, kinds = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    town = _new_towns(seed, people.town[person])
    address = draw_addresses(seed, "move", len(person), texts)
    email = draw_new_emails(seed, people, person, texts)
    phone = draw_phones(seed, "new phone", town, texts)
    text = np.choose(kinds, [address, email, phone])
    city = Misspeller(seed, texts).cities(town, texts)
    order = np.lexsort((person, kinds, day))
    return Changes(*(column[order] for column in (day, person, kinds, text, town, city)))


def happen(
    seed: int, changes: Changes, which: Ints, people: Population, records: Records
) -> tuple[Ints, Ints]:
    """Let these changes happen to people and records.

    Returns people whose truth changed, and existing records that follow; a record made later is
    made with the new values.
    """
    movers = which[changes.kind[which] == MOVE]
    starts = np.searchsorted(people.household, people.household[changes.person[movers]], "left")
    ends = np.searchsorted(people.household, people.household[changes.person[movers]], "right")
    cause = np.concatenate([np.repeat(movers, ends - starts), which[changes.kind[which] != MOVE]])
    member = np.concatenate(
        [np.arange(start, end) for start, end in zip(starts, ends, strict=True)]
        + [changes.person[which[changes.kind[which] != MOVE]]]
    ).astype(np.int64)
    _change(people, member, cause, changes)
    touched = [
        _follow(seed, finder, (cause, member), changes, records) for finder in _finders(records)
    ]
    return np.unique(member), np.unique(np.concatenate(touched))


def _finders(records: Records) -> list[tuple[int, Ints]]:
    return [
        (place * len(SYSTEMS) + system, finder)
        for place, finders in enumerate((records.first_of, records.second_of))
        for system, finder in enumerate(finders)
    ]


def _follow(
    seed: int,
    finder: tuple[int, Ints],
    rows: tuple[Ints, Ints],
    changes: Changes,
    records: Records,
) -> Ints:
    cause, member = rows
    record = finder[1][member]
    known = record >= 0
    record, cause, member = record[known], cause[known], member[known]
    is_old = records.day[record] <= changes.day[cause]
    dice = draw(seed, "follows", record * 4096 + cause % 4096)
    follows = ~is_old | (dice < np.array(FOLLOWED)[changes.kind[cause]])
    record, cause, is_old = record[follows], cause[follows], is_old[follows]
    kept = np.where(changes.kind[cause] == NEW_EMAIL, records.email[record], records.phone[record])
    kept = np.where(changes.kind[cause] == MOVE, records.address[record], kept)
    has_value = kept >= 0
    record, cause, is_old = record[has_value], cause[has_value], is_old[has_value]
    _change(records, record, cause, changes)
    moved = changes.kind[cause] == MOVE
    records.city[record[moved]] = changes.city[cause[moved]]
    return record[is_old]


def _change(holder: Population | Records, rows: Ints, cause: Ints, changes: Changes) -> None:
    for kind, name in enumerate(("address", "email", "phone")):
        mine = changes.kind[cause] == kind
        getattr(holder, name)[rows[mine]] = changes.text[cause[mine]]
    moved = changes.kind[cause] == MOVE
    holder.town[rows[moved]] = changes.town[cause[moved]]


def _new_towns(seed: int, town: Ints) -> Ints:
    """Most move within their town, the others anywhere in their country."""
    chance = rng(seed, "new town")
    drawn = pick(chance, [place.weight for place in towns()], len(town))
    country = np.array([place.country for place in towns()])
    stays = happens(chance, 0.55, len(town)) | (country[drawn] != country[town])
    return np.where(stays, town, drawn)
