"""What people say of themselves and of us: surveys, forms, social networks."""

from dataclasses import dataclass

import numpy as np

from demo.world.chance import draw, happens, pick, rng
from demo.world.columns import NOTHING, Ints, Joined, Key, Text, Words
from demo.world.orders import order_key, record_key
from demo.world.people import Population, slugs
from demo.world.records import HUBSPOT, SHOP
from demo.world.stage import Stage

NPS, CSAT, ATTRIBUTE, INTEREST, REASON = range(5)
KINDS = Words(["nps", "csat", "attribute", "interest", "reason"])
SURVEYS = Words(["after_order", "profile_form"])
NAMES = ("household_size", "children_count", "home_ownership", "diet", "bike_use")
VALUES = Words(
    [
        "1", "2", "3", "4", "5+", "0", "1", "2", "3+", "3+", "owner", "renter", "owner", "renter",
        "other", "omnivore", "vegetarian", "vegan", "flexitarian", "flexitarian", "daily",
        "weekly", "leisure", "never", "weekly", "price", "quality", "near", "organic", "advice",
    ]
)  # fmt: skip
ANSWERS = 5
NETWORKS = Words(["instagram", "facebook", "tiktok"])
CONTACTS = Words(["follow", "mention", "comment", "message"])


@dataclass(frozen=True)
class Handles:
    """Names on social networks: code of each person's, -1 for most; and those of strangers."""

    of: Ints
    strangers: Ints


def draw_handles(seed: int, people: Population, texts: Words) -> Handles:
    """One person in eight has an account that we may come across."""
    chance = rng(seed, "handles")
    who = np.flatnonzero(happens(chance, 0.125, people.count))
    first = Text(slugs(texts, people.first[who]), np.arange(len(who)))
    of = np.full(people.count, -1)
    of[who] = texts.add(Joined(("@", first, "_", Key("", who))).written())
    crowd = Joined(("@curieux_", Key("", np.arange(400))))
    return Handles(of, texts.add(crowd.written()))


def live(stage: Stage, handles: Handles) -> None:
    """A day of answers and of posts."""
    due = stage.agenda.due("survey", stage.day)
    if due.size:
        _judge(stage, due)
    _declare(stage)
    _post(stage, handles)
    _recognise(stage, handles)


def _judge(stage: Stage, due: Ints) -> None:
    """After an order: would you recommend us, and were you content?"""
    person, record, order, system = due
    chance = stage.rng("judges")
    mood = draw(stage.seed, "content", person) * 5 + chance.normal(0, 1.3, len(person)) + 5.2
    nps = np.clip(np.round(mood), 0, 10).astype(np.int64)
    csat = np.clip(np.round(mood / 2), 1, 5).astype(np.int64)
    also = happens(chance, 0.5, len(person))
    account = np.where(system == SHOP, record, stage.records.at(SHOP, person, stage.day))
    order = np.where(system == SHOP, order, -1)
    for kind, which, score in ((NPS, np.ones(len(person), bool), nps), (CSAT, also, csat)):
        rows = (person[which], account[which], order[which])
        none = np.full(int(which.sum()), -1)
        _note(stage, kind, rows, (score[which], none, none))


def _declare(stage: Stage) -> None:
    """Profile forms: an attribute, an interest (a category) and why one came."""
    chance = stage.rng("declares")
    person = np.flatnonzero(happens(chance, 0.0011, stage.people.count) & stage.present())
    account = stage.records.at(SHOP, person, stage.day)
    person, account = person[account >= 0], account[account >= 0]
    count = len(person)
    none, rows = np.full(count, -1), (person, account, np.full(count, -1))
    attribute = chance.integers(0, len(NAMES), count)
    dice = np.floor(draw(stage.seed, "declared", person * 8 + attribute) * ANSWERS).astype(np.int64)
    _note(stage, ATTRIBUTE, rows, (none, attribute, attribute * ANSWERS + dice))
    if count:
        taste = stage.behaviour.taste(stage.view(person), stage.moment, stage.catalogue)
        _note(stage, INTEREST, rows, (none, len(NAMES) + np.argmax(taste, axis=1), none))
    reason = len(NAMES) * ANSWERS + chance.integers(0, ANSWERS, count)
    _note(stage, REASON, rows, (none, none, reason))


def _note(
    stage: Stage, kind: int, rows: tuple[Ints, Ints, Ints], said: tuple[Ints, Ints, Ints]
) -> None:
    person, account, order = rows
    score, name, value = said
    count = len(person)
    words = Words([*NAMES, *stage.catalogue.categories])
    survey = np.full(count, 0 if kind in (NPS, CSAT) else 1)
    stage.journal.note(
        "survey_answers",
        f"surveys/{kind}",
        {
            "survey_answer_key": Key("SA", stage.number("answer", count), 7),
            "survey_key": Text(SURVEYS, survey),
            "customer_key": record_key(stage, account),
            "email": stage.text(np.where(account < 0, stage.people.email[person], -1)),
            "kind": Text(KINDS, np.full(count, kind)),
            "name": Text(words, name),
            "score": np.where(score < 0, NOTHING, score),
            "value": Text(VALUES, value) if kind != INTEREST else Text(Words(["yes"]), name * 0),
            "order_key": order_key(SHOP, order),
            "answered_at": stage.at(stage.during(f"answers {kind}", count, (8, 23))),
            "system": "surveys",
            "person_id": person,
        },
    )


def _post(stage: Stage, handles: Handles) -> None:
    """Follows, mentions, comments and messages, a third of them by people we cannot know."""
    chance = stage.rng("posts")
    speaks = (handles.of >= 0) & stage.present() & happens(chance, 0.008, len(handles.of))
    person = np.flatnonzero(speaks)
    strangers = chance.choice(handles.strangers, len(person) // 2)
    handle = np.concatenate([handles.of[person], strangers])
    count = len(handle)
    truth = np.concatenate([person, np.full(len(strangers), NOTHING)])
    stage.journal.note(
        "interactions",
        "social",
        {
            "interaction_key": Key("SO", stage.number("post", count), 7),
            "handle": stage.text(handle),
            "direction": "inbound",
            "channel": "social",
            "kind": Text(CONTACTS, pick(chance, [0.2, 0.25, 0.4, 0.15], count)),
            "context": Text(NETWORKS, pick(chance, [0.6, 0.3, 0.1], count)),
            "occurred_at": stage.at(stage.during("posts", count, (7, 24))),
            "system": "social",
            "person_id": truth,
        },
    )


def _recognise(stage: Stage, handles: Handles) -> None:
    """Sellers write a contact's handle down when they chat with him."""
    chance = stage.rng("recognised")
    person = np.flatnonzero((handles.of >= 0) & happens(chance, 0.002, len(handles.of)))
    record = stage.records.at(HUBSPOT, person, stage.day)
    person, record = person[record >= 0], record[record >= 0]
    count = len(person)
    stage.journal.note(
        "interactions",
        "hubspot/chats",
        {
            "interaction_key": Key("", stage.number("engagement", count) + 8_000_000),
            "customer_key": record_key(stage, record),
            "email": stage.text(stage.records.email[record]),
            "handle": stage.text(handles.of[person]),
            "direction": "inbound",
            "channel": "social",
            "kind": "message",
            "context": Text(NETWORKS, np.zeros(count, np.int64)),
            "occurred_at": stage.at(stage.during("chats", count)),
            "system": "hubspot",
            "person_id": person,
        },
    )
