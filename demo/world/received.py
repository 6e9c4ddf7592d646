"""Messages that Habitué delivered to the tools: who gets them, and that they work like our own."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from demo.world import letters, messages
from demo.world.campaigns import EMAIL, PHONE, POST, SMS
from demo.world.columns import Ints
from demo.world.contacts import Batch, touch
from demo.world.facts import Received
from demo.world.messages import Sending
from demo.world.records import BREVO, SHOP, SYSTEMS
from demo.world.stage import OUTSIDE, Stage
from demo.world.tempers import CHANNELS, OFFERS


def live(stage: Stage, received: Sequence[Received]) -> None:
    """Let today's deliveries reach their people; what reaches nobody we know is left aside.

    Raises ValueError for a channel or an offer that is none.
    """
    known = sorted(received, key=lambda one: (one.channel, one.message_key, one.address))
    person = _people(stage, known)
    codes = _codes(stage, known)
    offers = np.array([_place(OFFERS, "offer", one.offer) for one in known], np.int64)
    channels = np.array([_place(CHANNELS, "channel", one.channel) for one in known], np.int64)
    for channel in (POST, EMAIL, SMS, PHONE):
        rows = np.flatnonzero((channels == channel) & (person >= 0))
        while len(rows):
            once = np.sort(rows[np.unique(person[rows], return_index=True)[1]])
            _reach(stage, channel, person[once], (offers[once], *codes[:, once]))
            rows = np.setdiff1d(rows, once)


def _reach(stage: Stage, channel: int, person: Ints, what: tuple[Ints, Ints, Ints]) -> None:
    """One message each."""
    offer, campaign, message = what
    count = len(person)
    nobody = np.zeros(count, bool)
    if channel == POST:
        record = stage.records.at(SHOP, person, stage.day)
        letters.post(stage, person, record, campaign, nobody)
        return
    batch = Batch(person, channel, offer, campaign, message, nobody, nobody, -1, -1)
    read = touch(stage, batch)
    if channel == PHONE:
        return
    record = stage.records.at(BREVO, person, stage.day)
    chance = stage.rng("received", str(stage.number("received", 1)[0]))
    seconds = 32_000 + chance.integers(0, 7200, count)
    messages.deliver(stage, Sending(person, record, message, campaign, channel, seconds), read)


def _people(stage: Stage, received: Sequence[Received]) -> Ints:
    """The person behind each message, by record, else by address; -1 for a stranger."""
    records = stage.records
    person = np.full(len(received), -1)
    for row, one in enumerate(received):
        if one.customer_key.isdigit() and one.system in SYSTEMS:
            person[row] = _owner(stage, SYSTEMS.index(one.system), int(one.customer_key))
    rows = np.flatnonzero(person < 0)
    for codes, who in (
        (stage.people.email, np.arange(stage.people.count)),
        (records.email, records.person),
        (stage.people.phone, np.arange(stage.people.count)),
        (records.phone, records.person),
    ):
        if not len(rows):
            break
        wanted = pa.array([_plain(received[int(row)].address) for row in rows])
        texts = pc.replace_substring_regex(pc.utf8_lower(stage.texts.take(codes)), "[ .]+", " ")
        texts = pc.replace_substring(texts, " ", "")
        place = pc.fill_null(pc.index_in(wanted, value_set=texts), -1).to_numpy()
        person[rows] = np.where(place >= 0, who[place], -1)
        rows = rows[person[rows] < 0]
    return person


def _plain(address: str) -> str:
    text = address.strip().lower()
    if text.startswith("+33"):
        text = "0" + text[3:]
    return text.replace(" ", "").replace(".", "")


def _owner(stage: Stage, system: int, number: int) -> int:
    records = stage.records
    rows = np.flatnonzero((records.system == system) & (records.number == number))
    return int(records.person[rows[0]]) if len(rows) else -1


def _codes(stage: Stage, received: Sequence[Received]) -> Ints:
    """Numbers of campaigns and messages, whose texts the stage keeps."""
    campaigns = stage.outside.add([one.campaign for one in received])
    keys = stage.outside.add([one.message_key for one in received])
    return np.array([campaigns, keys]) + OUTSIDE


def _place(words: tuple[str, ...], what: str, word: str) -> int:
    if word not in words:
        raise ValueError(f"received message: no {what} {word!r}: one of {', '.join(words)}.")
    return words.index(word)
