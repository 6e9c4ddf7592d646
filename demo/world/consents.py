"""Consents and withdrawals, by every door; objections, preferences, requests to be forgotten.

The tools that write to people obey them: stage.state.opted holds who may be written to.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demo.world.catalogue import DEPARTMENTS
from demo.world.chance import happens, pick
from demo.world.columns import Ints, Joined, Key, Text, Value, Words
from demo.world.records import BREVO, PRESTASHOP, SHOP, SHOPIFY, SYSTEMS
from demo.world.stage import Stage
from demo.world.tempers import CHANNELS

Bools = NDArray[np.bool_]
POST, EMAIL, SMS, PHONE = range(4)
WORDINGS = ((0, "v1"), (300, "v2"), (650, "v3"))  # first day of each version of the text
DOORS = {
    "shop": "checkout",
    "shopify": "checkout",
    "prestashop": "checkout",
    "brevo": "email_tool",
    "preferences": "preference_centre",
    "callcentre": "call_centre",
}
GRANTED = {SHOP: 0.62, SHOPIFY: 0.55, PRESTASHOP: 0.5}
CHANNEL_WORDS = Words(CHANNELS)


@dataclass(frozen=True)
class Acts:
    """Acts of one kind on one channel and purpose at one system."""

    system: str
    act: str
    channel: str
    purpose: str = "marketing"


def live(stage: Stage) -> None:
    """A day of consents."""
    opened = np.arange(*np.searchsorted(stage.records.day, [stage.day, stage.day + 1]))
    if stage.day == 0:
        opened = np.flatnonzero(stage.records.day <= 0)
        stage.state.opted[:, POST] = True
    opened = opened[stage.records.person[opened] >= 0]
    for system in GRANTED:
        _ask_at_checkout(stage, system, opened[stage.records.system[opened] == system])
    _subscribe(stage, opened[stage.records.system[opened] == BREVO])
    _confirm(stage)
    _withdraw(stage)
    _ask_for_erasure(stage)
    _choose(stage)


def note(stage: Stage, acts: Acts, records: Ints, seconds: Ints) -> None:
    """Note acts of the people of these records, at the record's system; keys are the records'.

    Of the time before the first day only what was granted is known.
    """
    if stage.day == 0 and acts.act == "refuse":
        return
    day = stage.records.day[records] if stage.day == 0 else stage.day
    door = DOORS[acts.system]
    site = f"{acts.system}/{acts.act}/{acts.channel}/{acts.purpose}"
    number = stage.number(f"consent/{acts.system}", len(records))
    stage.journal.note(
        "consent_events",
        site,
        {
            "consent_event_key": Key("", number),
            "customer_key": Key("", stage.records.number[records]),
            "address": stage.text(_address(stage, acts.channel, records)),
            "channel": acts.channel,
            "purpose": acts.purpose,
            "act": acts.act,
            "door": door,
            "wording_key": f"{door}-{_wording(stage.day)}",
            "proof": Joined((f"{door}:", Key("", number))),
            "occurred_at": stage.at(seconds, day),
            "system": acts.system,
            "person_id": stage.records.person[records],
        },
    )


def _ask_at_checkout(stage: Stage, system: int, records: Ints) -> None:
    """Each form has a box per channel and one for profiling; ticked or not, it is an act."""
    if not len(records):
        return
    chance = stage.rng("checkout consents", SYSTEMS[system])
    person = stage.records.person[records]
    asked = [("email", GRANTED[system])]
    asked += [("sms", 0.22), ("phone", 0.12)] if system == SHOP else []
    for channel, share in asked:
        yes = happens(chance, share, len(records))
        seconds = stage.during("checkout", len(records))
        for act, who in (("grant", yes), ("refuse", ~yes)):
            acts = Acts(SYSTEMS[system], act, channel)
            note(stage, acts, records[who], seconds[who])
        stage.state.opted[person[yes], CHANNELS.index(channel)] = True
    yes = happens(chance, 0.55, len(records))
    for act, who in (("grant", yes), ("refuse", ~yes)):
        acts = Acts(SYSTEMS[system], act, "all", "profiling")
        note(stage, acts, records[who], stage.during("profiling", len(records))[who])


def _subscribe(stage: Stage, records: Ints) -> None:
    """A newsletter form is confirmed by a link in an e-mail, by most, within two days."""
    if not len(records):
        return
    chance = stage.rng("newsletter")
    seconds = stage.during("newsletter", len(records))
    note(stage, Acts("brevo", "double_opt_in_asked", "email"), records, seconds)
    tracked = happens(chance, 0.6, len(records))
    tracking = Acts("brevo", "grant", "email", "open_tracking")
    note(stage, tracking, records[tracked], seconds[tracked])
    confirming = records[happens(chance, 0.84, len(records))]
    if stage.day == 0:
        _note_confirmed(stage, confirming)
    else:
        later = stage.day + chance.integers(0, 3, len(confirming))
        stage.agenda.plan("confirm", later, confirming)


def _confirm(stage: Stage) -> None:
    for records in stage.agenda.due("confirm", stage.day):
        _note_confirmed(stage, records)


def _note_confirmed(stage: Stage, records: Ints) -> None:
    seconds = stage.during("confirm", len(records), (20, 23))
    note(stage, Acts("brevo", "double_opt_in_confirmed", "email"), records, seconds)
    stage.state.opted[stage.records.person[records], EMAIL] = True


def _withdraw(stage: Stage) -> None:
    """Without a message as its cause: some withdraw at a door of their choice, or object."""
    chance = stage.rng("withdrawals")
    people = np.flatnonzero((stage.records.first_of[SHOP] >= 0) & stage.present())
    people = people[happens(chance, 0.00035, len(people))]
    record = stage.records.at(SHOP, people, stage.day)
    record = record[record >= 0]
    door = pick(chance, [0.6, 0.4], len(record))
    act = pick(chance, [0.75, 0.25], len(record))
    channel = pick(chance, [0.15, 0.6, 0.2, 0.05], len(record))
    for row in range(len(record)):
        system = ("preferences", "callcentre")[int(door[row])]
        name = CHANNELS[int(channel[row])]
        what = Acts(system, ("withdraw", "object")[int(act[row])], name)
        note(stage, what, record[row : row + 1], stage.during(f"withdrawal {row}", 1))
    stage.state.opted[stage.records.person[record], channel] = False


def _ask_for_erasure(stage: Stage) -> None:
    chance = stage.rng("erasure")
    people = np.flatnonzero((stage.records.first_of[SHOP] >= 0) & stage.present())
    people = people[happens(chance, 0.000022, len(people))]
    record = stage.records.at(SHOP, people, stage.day)
    record = record[record >= 0]
    person = stage.records.person[record]
    stage.state.opted[person] = False
    stage.state.leaving[person] = stage.day + 1
    doors = Words(["preference_centre", "letter", "call_centre", "email"])
    stage.journal.note(
        "erasure_requests",
        "preferences",
        {
            "erasure_request_key": Key("E", stage.number("erasure", len(record)), 5),
            "customer_key": Key("", stage.records.number[record]),
            "email": stage.text(stage.records.email[record]),
            "door": Text(doors, pick(chance, [0.6, 0.15, 0.15, 0.1], len(record))),
            "requested_at": stage.at(stage.during("erasure", len(record))),
            "system": "preferences",
            "person_id": person,
        },
    )


def _choose(stage: Stage) -> None:
    """Visits of the preference centre: a channel, a topic or a frequency is chosen."""
    chance = stage.rng("preferences")
    people = np.flatnonzero((stage.records.first_of[SHOP] >= 0) & stage.present())
    people = people[happens(chance, 0.0006, len(people))]
    record = stage.records.at(SHOP, people, stage.day)
    record = record[record >= 0]
    count = len(record)
    kind = pick(chance, [0.3, 0.45, 0.25], count)
    names = Words([*CHANNELS, *DEPARTMENTS, "messages"])
    topic = np.argmax(stage.tempers.departments[stage.records.person[record]], axis=1)
    name = np.choose(kind, [chance.integers(0, 4, count), 4 + topic, np.full(count, 7)])
    values = Words(["yes", "no", "1", "2", "4"])
    value = np.where(kind == 1, 0, chance.integers(0, 2, count))
    value = np.where(kind == 2, chance.integers(2, 5, count), value)  # noqa: PLR2004 - frequency
    columns: dict[str, Value] = {
        "preference_update_key": Key("U", stage.number("preference", count), 6),
        "customer_key": Key("", stage.records.number[record]),
        "email": stage.text(stage.records.email[record]),
        "kind": Text(Words(["channel", "topic", "frequency"]), kind),
        "name": Text(names, name),
        "value": Text(values, value),
        "occurred_at": stage.at(stage.during("preferences", count)),
        "system": "preferences",
        "person_id": stage.records.person[record],
    }
    stage.journal.note("preference_updates", "preferences", columns)


def _address(stage: Stage, channel: str, records: Ints) -> Ints:
    if channel in {"sms", "phone"}:
        return stage.records.phone[records]
    return stage.records.email[records]


def _wording(day: int) -> str:
    return next(version for since, version in reversed(WORDINGS) if day >= since)
