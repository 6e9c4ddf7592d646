"""Letters and calls: drops by the mail house, letters that come back, calls to the silent."""

import numpy as np
from numpy.typing import NDArray

from demo.world.campaigns import PHONE, POST, Campaign, campaign_key
from demo.world.chance import happens, pick
from demo.world.columns import Ints, Key, Text, Words
from demo.world.contacts import Batch, touch
from demo.world.messages import HELD_OUT
from demo.world.orders import record_key
from demo.world.records import SHOP
from demo.world.stage import OUTSIDE, Stage

POST_DAYS = 3
ARRIVES, HELD, LOST = range(3)
Bools = NDArray[np.bool_]
REASONS = Words(["unknown_at_address", "refused", "insufficient_address", "deceased"])


def drop(stage: Stage, campaign: Campaign) -> None:
    """Post letters to a share of the accounts with an address, but for a control group."""
    chance = stage.rng("drop", str(campaign.number))
    people = np.flatnonzero(stage.state.opted[:, POST] & (stage.people.arrival <= stage.day))
    record = stage.records.at(SHOP, people, stage.day)
    has_address = (record >= 0) & (stage.records.address[record] >= 0)
    wanted = has_address & happens(chance, campaign.share, len(people))
    people, record = people[wanted], record[wanted]
    is_held_out = happens(chance, HELD_OUT, len(people))
    post(stage, people, record, np.full(len(people), campaign.number), is_held_out)
    sent = ~is_held_out
    stage.journal.note(
        "campaign_contacts",
        "planning",
        {
            "campaign_key": campaign_key(np.full(int(sent.sum()), campaign.number)),
            "customer_key": record_key(stage, record[sent]),
            "channel": "post",
            "contacted_at": stage.at(np.full(int(sent.sum()), 28_800)),
            "system": "planning",
            "person_id": people[sent],
        },
    )


def post(stage: Stage, people: Ints, record: Ints, campaign: Ints, is_held_out: Bools) -> None:
    """Put letters into the post: they arrive, or come back."""
    chance = stage.rng("post", str(stage.number("drop", 1)[0]))
    moved = stage.records.address[record] != stage.people.address[people]
    lost = (record >= 0) & moved & happens(chance, 0.65, len(people))
    lost |= happens(chance, 0.004, len(people))
    fate = np.select([is_held_out, lost], [HELD, LOST], ARRIVES)
    arrival = np.full(len(people), stage.day + POST_DAYS)
    stage.agenda.plan("letters", arrival, people, campaign, fate)
    back = (fate == LOST) & (record >= 0) & (campaign < OUTSIDE)
    later = stage.day + chance.integers(8, 25, int(back.sum()))
    stage.agenda.plan("mail returns", later, people[back], record[back], campaign[back])


def live(stage: Stage, campaigns: list[Campaign]) -> None:
    """Letters that arrive today, and those that come back."""
    due = stage.agenda.due("letters", stage.day)
    if due.size:
        person, number, fate = due[:, comes_first(due)]
        for one in np.unique(number):
            campaign = campaigns[one - 1] if one < OUTSIDE else None
            mine = number == one
            what = (number[mine], campaign)
            touch(stage, _batch(person[mine], POST, what, fate[mine]))
    due = stage.agenda.due("mail returns", stage.day)
    if due.size:
        _come_back(stage, due)


def comes_first(due: Ints) -> Ints:
    """Positions of the first letter of each person and campaign: two at once count as one."""
    return np.sort(np.unique(due[:2], axis=1, return_index=True)[1])


def call(stage: Stage, campaign: Campaign) -> None:
    """Agents call people who agreed and have been silent for longer than is their habit."""
    chance = stage.rng("calls", str(campaign.number))
    silence = (stage.day - stage.state.last_purchase) * stage.tempers.rate
    silent = stage.state.opted[:, PHONE] & (stage.people.arrival <= stage.day) & (silence > 1)
    people = np.flatnonzero(silent)
    people = people[happens(chance, campaign.share * 4, len(people))]
    is_held_out = happens(chance, HELD_OUT, len(people))
    number = np.full(len(people), campaign.number)
    read = touch(stage, _batch(people, PHONE, (number, campaign), is_held_out.astype(np.int64)))
    called = ~is_held_out
    record = stage.records.at(SHOP, people[called], stage.day)
    phone = np.where(record >= 0, stage.records.phone[record], -1)
    phone = np.where(phone < 0, stage.people.phone[people[called]], phone)
    length = np.where(read[called], chance.integers(60, 700, len(phone)), 0)
    stage.journal.note(
        "interactions",
        "callcentre/outbound",
        {
            "interaction_key": Key("CC", stage.number("call", len(phone)), 7),
            "customer_key": record_key(stage, record),
            "phone": stage.text(phone),
            "direction": "outbound",
            "channel": "phone",
            "kind": "call",
            "context": "win_back",
            "campaign_key": campaign_key(number[called]),
            "duration_seconds": length,
            "occurred_at": stage.at(stage.during("calls", len(phone), (9, 19))),
            "system": "callcentre",
            "person_id": people[called],
        },
    )


def _batch(person: Ints, channel: int, what: tuple[Ints, Campaign | None], fate: Ints) -> Batch:
    number, campaign = what
    count = len(person)
    return Batch(
        person=person,
        channel=channel,
        offer=np.full(count, campaign.offer if campaign else 0),
        campaign=number,
        message=np.full(count, -1),
        is_held_out=fate == HELD,
        is_lost=fate == LOST,
        coupon=campaign.number if campaign else -1,
        coupon_until=campaign.last_day if campaign else -1,
    )


def _come_back(stage: Stage, due: Ints) -> None:
    person, record, campaign = due
    count = len(person)
    chance = stage.rng("mail returns")
    stage.journal.note(
        "mail_returns",
        "planning",
        {
            "mail_return_key": Key("R", stage.number("mail return", count), 6),
            "customer_key": record_key(stage, record),
            "campaign_key": campaign_key(campaign),
            "reason": Text(REASONS, pick(chance, [0.78, 0.08, 0.12, 0.02], count)),
            "returned_at": stage.at(stage.during("mail returns", count, (7, 12))),
            "system": "planning",
            "person_id": person,
        },
    )
