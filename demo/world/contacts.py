"""A contact touches people: it is read or not, moves them or not, and its true uplift is kept."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demo.world.campaigns import NONE
from demo.world.chance import happens
from demo.world.columns import Ints, Text, Words
from demo.world.stage import Stage
from demo.world.tempers import CHANNELS, OFFERS
from demo.world.uplift import true_uplift

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Batch:
    """People who are contacted today on one channel, each at most once.

    message, campaign: numbers as in the stage, message -1 for letters and calls; is_held_out:
    would have been contacted, but are not; is_lost: the contact never arrives.
    """

    person: Ints
    channel: int
    offer: Ints
    campaign: Ints
    message: Ints
    is_held_out: Bools
    is_lost: Bools
    coupon: int
    coupon_until: int


def touch(stage: Stage, batch: Batch) -> Bools:
    """Let the contact work on everybody who is not held out; returns who read it."""
    who = batch.person
    view = stage.view(who)
    effect = stage.behaviour.effect(view, batch.channel, batch.offer)
    reading = stage.behaviour.reading(view, batch.channel)
    truth = true_uplift(stage, who, view, batch.channel, effect)
    added = np.where(batch.is_lost, 0.0, truth.added)
    chance = stage.rng("reading", str(stage.number("batch", 1)[0]))
    is_there = stage.present()[who]
    reached = ~batch.is_held_out & ~batch.is_lost
    read = (chance.random(len(who)) < reading) & reached & is_there
    memory = stage.behaviour.contacted(view, np.where(read, effect, 0.0))
    for name, values in memory.items():
        stage.state.memory[name][who[reached]] = values[reached]
    stage.state.last_contact[who[reached]] = stage.day
    liking = 0.5 * view.tempers.incentive[np.arange(len(who)), batch.offer]
    keeps = read & (batch.offer != NONE) & (batch.coupon >= 0) & happens(chance, liking, len(who))
    stage.state.coupon[who[keeps]] = batch.coupon
    stage.state.coupon_until[who[keeps]] = batch.coupon_until
    stage.contacts.append(
        {
            "person_id": who,
            "contacted_on": stage.dates(np.full(len(who), stage.day)),
            "channel": Text(Words(CHANNELS), np.full(len(who), batch.channel)),
            "offer": Text(Words(OFFERS), batch.offer),
            "campaign_key": stage.campaign(batch.campaign),
            "message_key": stage.message(batch.message),
            "is_held_out": batch.is_held_out,
            "is_read": read,
            "effect": effect,
            "purchase_probability_with": truth.without + added,
            "purchase_probability_without": truth.without,
            "uplift": added,
        }
    )
    return read
