"""Questions of customers, most of them answered, and calls to the call centre."""

import numpy as np

from demo.world import consents
from demo.world.chance import happens, pick
from demo.world.columns import NOTHING, Ints, Key, Text, Words
from demo.world.orders import order_key, record_key
from demo.world.records import SHOP
from demo.world.stage import Stage

CHANNELS = Words(["phone", "email", "web", "social"])
TOPICS = Words(["delivery", "product", "invoice", "return", "account", "workshop"])
STATUS = Words(["open", "answered", "closed"])
OPEN, ANSWERED, CLOSED = range(3)
BY_PHONE = 0
ANSWERED_SHARE = 0.84


def live(stage: Stage) -> None:
    """A day of questions, answers and calls."""
    due = stage.agenda.due("question", stage.day)
    rows = [due] if due.size else []
    rows.append(_unprompted(stage))
    person, record, order, system = np.concatenate(rows, axis=1)
    if len(person):
        _ask(stage, person, record, np.where(system == SHOP, order, -1))
    _answer(stage)
    _call_about_consent(stage)


def _unprompted(stage: Stage) -> Ints:
    """Questions that are about no order."""
    chance = stage.rng("unprompted")
    asks = happens(chance, 0.0006, stage.people.count) & stage.present()
    person = np.flatnonzero(asks)
    record = stage.records.at(SHOP, person, stage.day)
    return np.array([person, record, np.full(len(person), -1), np.full(len(person), SHOP)])


def _ask(stage: Stage, person: Ints, record: Ints, order: Ints) -> None:
    chance = stage.rng("asks")
    count = len(person)
    channel = pick(chance, [0.34, 0.36, 0.24, 0.06], count)
    topic = pick(chance, [0.3, 0.25, 0.12, 0.15, 0.08, 0.1], count)
    number = stage.number("question", count)
    seconds = stage.during("asks", count, (8, 22))
    is_known = (record >= 0) & (stage.records.system[record] == SHOP)
    account = np.where(is_known & happens(chance, 0.7, count), record, -1)
    asked = np.array(
        [number, person, account, order, channel, topic, np.full(count, stage.day), seconds]
    )
    _note(stage, asked, np.full(count, OPEN), np.full(count, -1))
    answered = happens(chance, ANSWERED_SHARE, count)
    later = stage.day + np.floor(chance.exponential(1.6, count)).astype(np.int64)
    stage.agenda.plan("answer", later[answered], *asked[:, answered])
    calls = channel == BY_PHONE
    _note_calls(stage, (person[calls], account[calls], topic[calls], seconds[calls]))


def _answer(stage: Stage) -> None:
    asked = stage.agenda.due("answer", stage.day)
    if not asked.size:
        return
    chance = stage.rng("answers")
    count = asked.shape[1]
    same_day = asked[6] == stage.day
    seconds = stage.during("answers", count, (9, 19))
    seconds = np.where(same_day, asked[7] + chance.integers(600, 6000, count), seconds)
    _note(stage, asked, np.where(happens(chance, 0.25, count), CLOSED, ANSWERED), seconds)


def _note(stage: Stage, asked: Ints, status: Ints, answered: Ints) -> None:
    number, person, account, order, channel, topic, day, seconds = asked
    is_new = status == OPEN
    answered_at = stage.at(np.maximum(answered, 0))
    answered_at[is_new] = np.datetime64("NaT")
    without = account < 0
    stage.journal.note(
        "questions",
        "support",
        {
            "question_key": Key("Q", number, 6),
            "customer_key": record_key(stage, account),
            "email": stage.text(np.where(without | (channel == 1), stage.people.email[person], -1)),
            "phone": stage.text(np.where(channel == BY_PHONE, stage.people.phone[person], -1)),
            "channel": Text(CHANNELS, channel),
            "topic": Text(TOPICS, topic),
            "status": Text(STATUS, status),
            "order_key": order_key(SHOP, order),
            "asked_at": stage.at(seconds, day),
            "answered_at": answered_at,
            "system": "support",
            "person_id": person,
        },
    )


def _note_calls(stage: Stage, rows: tuple[Ints, Ints, Ints, Ints]) -> None:
    """Who asks by phone calls; numbers are withheld now and then."""
    person, account, topic, seconds = rows
    count = len(person)
    chance = stage.rng("inbound")
    shown = happens(chance, 0.93, count)
    stage.journal.note(
        "interactions",
        "callcentre/inbound",
        {
            "interaction_key": Key("CI", stage.number("inbound call", count), 7),
            "customer_key": record_key(stage, account),
            "phone": stage.text(np.where(shown, stage.people.phone[person], -1)),
            "direction": "inbound",
            "channel": "phone",
            "kind": "call",
            "context": Text(TOPICS, topic),
            "duration_seconds": chance.integers(30, 900, count),
            "occurred_at": stage.at(seconds - 120),
            "system": "callcentre",
            "person_id": np.where(shown | (account >= 0), person, NOTHING),
        },
    )


def _call_about_consent(stage: Stage) -> None:
    """Some tell an agent that they want to be called, or no longer."""
    chance = stage.rng("call centre consents")
    person = np.flatnonzero(happens(chance, 0.0001, stage.people.count) & stage.present())
    record = stage.records.at(SHOP, person, stage.day)
    person, record = person[record >= 0], record[record >= 0]
    seconds = stage.during("call centre consents", len(person), (9, 18))
    yes = happens(chance, 0.5, len(person))
    for act, who in (("grant", yes), ("withdraw", ~yes)):
        acts = consents.Acts("callcentre", act, "phone")
        consents.note(stage, acts, record[who], seconds[who])
        stage.state.opted[person[who], consents.PHONE] = act == "grant"
