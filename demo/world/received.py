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
from demo.world.records import BREVO, FIRST_NUMBER, SHOP, SYSTEMS
from demo.world.stage import OUTSIDE, Stage
from demo.world.tempers import CHANNELS, OFFERS


def live(stage: Stage, received: Sequence[Received]) -> None:
    """Let today's deliveries reach their people; what reaches nobody we know is left aside.

    An offer in other words than ours counts as none. Raises ValueError for an unknown channel.
    """
    known = sorted(received, key=lambda one: (one.channel, one.message_key, one.address))
    person = people_of(stage, known)
    codes = _codes(stage, known)
    offers = np.array([_offer(one.offer) for one in known], np.int64)
    channels = np.array([_channel(one.channel) for one in known], np.int64)
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


def people_of(stage: Stage, received: Sequence[Received]) -> Ints:
    """The person behind each message, by record, else by address; -1 for a stranger."""
    records = stage.records
    records, count = stage.records, stage.people.count
    person = np.full(len(received), -1)
    for system, name in enumerate(SYSTEMS):
        owners = records.person[records.system == system]
        for row, one in enumerate(received):
            if one.system == name and one.customer_key.isdigit():
                place = int(one.customer_key) - FIRST_NUMBER[system]
                person[row] = owners[place] if 0 <= place < len(owners) else -1
    rows = np.flatnonzero(person < 0)
    for codes, who in (
        (stage.people.email, np.arange(count)),
        (records.email, records.person),
        (stage.people.phone, np.arange(count)),
        (records.phone, records.person),
    ):
        if not len(rows):
            break
        wanted = _plain(pa.array([received[int(row)].address for row in rows], pa.string()))
        place = pc.index_in(wanted, value_set=_plain(stage.texts.take(codes)))
        place = pc.fill_null(place, -1).to_numpy()
        known = (place >= 0) & (pc.utf8_length(wanted).to_numpy() > 0)
        person[rows] = np.where(known, who[place], -1)
        rows = rows[person[rows] < 0]
    return person


def _plain(addresses: pa.Array) -> pa.Array:
    """Addresses without the many ways in which numbers are written."""
    plain = pc.replace_substring_regex(pc.utf8_lower(pc.fill_null(addresses, "")), "[ ]+", "")
    is_mail = pc.match_substring(plain, "@")
    number = pc.replace_substring_regex(plain, r"\.", "")
    number = pc.replace_substring_regex(number, r"^(\+|00)(33|32|41)", "0")
    return pc.if_else(is_mail, plain, number)


def _codes(stage: Stage, received: Sequence[Received]) -> Ints:
    """Numbers of campaigns and messages, whose texts the stage keeps."""
    campaigns = stage.outside.add([one.campaign for one in received])
    keys = stage.outside.add([one.message_key for one in received])
    return np.array([campaigns, keys]) + OUTSIDE


def _offer(word: str) -> int:
    return OFFERS.index(word) if word in OFFERS else 0


def _channel(word: str) -> int:
    if word not in CHANNELS:
        raise ValueError(f"received message: no channel {word!r}: one of {', '.join(CHANNELS)}.")
    return CHANNELS.index(word)
