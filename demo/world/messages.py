"""E-mails and text messages: sent, delivered, opened by people and machines, clicked, bounced …

Own campaigns go out by the e-mail tool; messages that Habitué delivered take the same road.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from demo.world import consents
from demo.world.campaigns import EMAIL, SMS, Campaign
from demo.world.chance import happens
from demo.world.columns import Ints, Key, Text, Words
from demo.world.contacts import Batch, touch
from demo.world.records import BREVO
from demo.world.stage import Stage
from demo.world.tempers import CHANNELS

HELD_OUT = 0.1
SENT, DELIVERED, OPENED, CLICKED, SOFT, HARD, COMPLAINED, UNSUBSCRIBED = range(8)
EVENTS = Words(
    [
        "sent", "delivered", "opened", "clicked",
        "soft_bounced", "hard_bounced", "complained", "unsubscribed",
    ]
)  # fmt: skip
LINKS = Words(["https://www.habitue.example/offre"])
DELAYS = [0.76, 0.15, 0.06, 0.03]  # share of reactions after 0, 1, 2, 3 days
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Sending:
    """Messages on their way, one row each; numbers of message and campaign as in the stage."""

    person: Ints
    record: Ints
    message: Ints
    campaign: Ints
    channel: int
    seconds: Ints

    def only(self, which: Ints | Bools) -> "Sending":
        """Some of them."""
        return Sending(
            self.person[which], self.record[which], self.message[which],
            self.campaign[which], self.channel, self.seconds[which],
        )  # fmt: skip


def send_campaign(stage: Stage, campaign: Campaign) -> None:
    """Write to a share of those who opted in, but for a control group drawn by lot."""
    chance = stage.rng("send", str(campaign.number))
    opted = stage.state.opted[:, campaign.channel] & (stage.people.arrival <= stage.day)
    people = np.flatnonzero(opted & (stage.records.first_of[BREVO] >= 0))
    people = people[happens(chance, campaign.share, len(people))]
    record = stage.records.at(BREVO, people, stage.day)
    address = np.where(
        campaign.channel == SMS, stage.records.phone[record], stage.records.email[record]
    )
    is_known = (record >= 0) & (address >= 0)
    people, record = people[is_known], record[is_known]
    is_held_out = happens(chance, HELD_OUT, len(people))
    number = np.full(len(people), -1)
    number[~is_held_out] = stage.number("message", int((~is_held_out).sum()))
    batch = Batch(
        person=people,
        channel=campaign.channel,
        offer=np.full(len(people), campaign.offer),
        campaign=np.full(len(people), campaign.number),
        message=number,
        is_held_out=is_held_out,
        is_lost=np.zeros(len(people), bool),
        coupon=campaign.number,
        coupon_until=campaign.last_day,
    )
    seconds = 34_200 + chance.integers(0, 5400, len(people))
    sending = Sending(people, record, number, batch.campaign, campaign.channel, seconds)
    deliver(stage, sending.only(~is_held_out), touch(stage, batch)[~is_held_out])


def deliver(stage: Stage, sending: Sending, read: Bools) -> None:
    """Note what becomes of messages today, and plan how people react later."""
    chance = stage.rng("deliver", str(sending.channel), str(stage.number("delivery", 1)[0]))
    count = len(sending.person)
    _note(stage, sending, SENT)
    is_stale = _is_stale(stage, sending)
    hard = is_stale & happens(chance, 0.6, count)
    soft = ~hard & happens(chance, 0.006, count)
    later = replace(sending, seconds=sending.seconds + chance.integers(2, 90, count))
    _note(stage, later.only(hard), HARD)
    stage.state.opted[sending.person[hard], sending.channel] = False
    _note(stage, later.only(soft), SOFT)
    arrived = ~hard & ~soft
    _note(stage, later.only(arrived), DELIVERED)
    if sending.channel == EMAIL:
        hides = stage.tempers.hides_opens[sending.person] & happens(chance, 0.93, count)
        _note(stage, later.only(arrived & hides), OPENED, is_machine=True)
        _note(stage, later.only(arrived & happens(chance, 0.012, count)), CLICKED, is_machine=True)
    _plan_reactions(stage, sending.only(arrived & read), chance)
    complains = arrived & happens(chance, 0.0006, count) & (sending.channel == EMAIL)
    _note(stage, later.only(complains), COMPLAINED)
    stage.state.opted[sending.person[complains], sending.channel] = False


def react(stage: Stage) -> tuple[Ints, Ints]:
    """Today's opens, clicks and unsubscriptions; returns people and messages of the clicks."""
    people, messages = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for name in ("email", "sms"):
        for kind in (OPENED, CLICKED, UNSUBSCRIBED):
            due = stage.agenda.due(f"react/{name}/{kind}", stage.day)
            if not due.size:
                continue
            channel = CHANNELS.index(name)
            sending = Sending(due[0], due[1], due[2], due[3], channel, due[4])
            _note(stage, sending, kind)
            if kind == CLICKED:
                people.append(sending.person)
                messages.append(sending.message)
            if kind == UNSUBSCRIBED:
                _unsubscribe(stage, sending)
    return np.concatenate(people), np.concatenate(messages)


def _plan_reactions(stage: Stage, sending: Sending, chance: np.random.Generator) -> None:
    """Those who read open; some of them click; some click to be left alone."""
    count = len(sending.person)
    view = stage.view(sending.person)
    lively = 0.09 + 0.12 * np.clip(view.memory.get("boost", np.zeros(count)), 0, 1)
    day = stage.day + np.searchsorted(np.cumsum(DELAYS)[:-1], chance.random(count))
    evening = chance.integers(26_000, 82_000, count)
    same_day = sending.seconds + chance.exponential(7200, count).astype(np.int64) % 36_000 + 60
    opened = np.where(day == stage.day, same_day, evening)
    clicks = happens(chance, lively, count)
    leaves = happens(chance, stage.behaviour.unsubscribing(view), count)
    name = CHANNELS[sending.channel]
    plans = [(CLICKED, clicks, 45), (UNSUBSCRIBED, leaves, 120)]
    if sending.channel == EMAIL:
        plans.insert(0, (OPENED, happens(chance, 0.94, count), 0))
    for kind, who, lag in plans:
        rows = sending.only(who)
        stage.agenda.plan(
            f"react/{name}/{kind}", day[who],
            rows.person, rows.record, rows.message, rows.campaign, opened[who] + lag,
        )  # fmt: skip


def _unsubscribe(stage: Stage, sending: Sending) -> None:
    acts = consents.Acts("brevo", "withdraw", CHANNELS[sending.channel])
    is_brevo = (sending.record >= 0) & (stage.records.system[sending.record] == BREVO)
    consents.note(stage, acts, sending.record[is_brevo], sending.seconds[is_brevo])
    stage.state.opted[sending.person, sending.channel] = False


def _addresses(stage: Stage, sending: Sending) -> Ints:
    """Where each message goes: as the record says, or without one, as the person says."""
    is_sms = sending.channel == SMS
    known = (stage.records.phone if is_sms else stage.records.email)[sending.record]
    own = (stage.people.phone if is_sms else stage.people.email)[sending.person]
    return np.where(sending.record < 0, own, known)


def _is_stale(stage: Stage, sending: Sending) -> Bools:
    """Whether the address is not the one the person has today (numbers are typed in many ways)."""
    if sending.channel == SMS:
        return np.zeros(len(sending.person), bool)
    return np.asarray(_addresses(stage, sending) != stage.people.email[sending.person])


def _note(stage: Stage, sending: Sending, kind: int, *, is_machine: bool = False) -> None:
    records = stage.records
    channel = CHANNELS[sending.channel]
    address = _addresses(stage, sending)
    key = np.where(sending.record < 0, -1, records.number[sending.record])
    number = stage.number("message event", len(sending.person))
    clicked = np.where(kind == CLICKED, 0, np.full(len(number), -1))
    stage.journal.note(
        "message_events",
        f"brevo/{channel}",
        {
            "message_event_key": Key("ev-", number, 9),
            "message_key": stage.message(sending.message),
            "campaign_key": stage.campaign(sending.campaign),
            "channel": channel,
            "customer_key": Key("", key),
            "address": stage.text(address),
            "event_type": Text(EVENTS, np.full(len(number), kind)),
            "is_machine": np.full(len(number), is_machine),
            "link_url": Text(LINKS, clicked),
            "occurred_at": stage.at(sending.seconds),
            "system": "brevo",
            "person_id": sending.person,
        },
    )
