"""Leads: how long each takes from a first interest to a sale, a loss, or back to marketing.

Their ways are drawn when the world is made; each step is told on its day.
"""

from dataclasses import dataclass

import numpy as np

from demo.world.catalogue import PRODUCTS_PER_CATEGORY, Catalogue
from demo.world.chance import happens, pick, rng
from demo.world.columns import Ints
from demo.world.people import HORIZON, Population
from demo.world.records import HUBSPOT, Records

(CAPTURED, NURTURING, QUALIFIED, HANDED_OFF, CONTACTED, QUOTED, WON, LOST, RETURNED) = range(9)
STAGES = (
    "captured", "nurturing", "qualified", "handed_off", "contacted", "quoted", "won", "lost",
    "returned",
)  # fmt: skip
TYPES = ("simple_purchase", "repurchase", "framework_contract", "consumable")
ORIGINS = ("configurator", "quote_request", "store", "campaign", "call_centre")
REASONS = (
    "project_postponed", "planning", "new_interlocutor", "not_mature", "other_lead_created",
)  # fmt: skip
OTHER_LEAD = 4
GOES_ON = (0.9, 0.72, 0.95, 0.86, 0.78)  # share that passes from each stage to the next
DAYS = ((1, 12), (3, 30), (0, 3), (1, 7), (2, 14), (4, 40))
SELLERS = 14


@dataclass(frozen=True)
class Leads:
    """One row per lead, by day. amount in cents; parent: number of the lead it came from, or -1;
    quoted: day of its quote.
    """

    person: Ints
    record: Ints
    day: Ints
    product: Ints
    kind: Ints
    origin: Ints
    seller: Ints
    amount: Ints
    pieces: Ints
    parent: Ints
    quoted: Ints


@dataclass(frozen=True)
class Steps:
    """One row per change of stage, by day; reason is -1 but for those returned."""

    day: Ints
    lead: Ints
    stage: Ints
    reason: Ints


def draw_leads(
    seed: int, people: Population, records: Records, catalogue: Catalogue, days: int
) -> tuple[Leads, Steps]:
    """The leads of everybody in the CRM, and their steps."""
    chance = rng(seed, "leads")
    contacts = records.first_of[HUBSPOT]
    person = np.flatnonzero(contacts >= 0)
    person = np.repeat(person, 1 + chance.poisson(0.45, len(person)))
    record = contacts[person]
    begun = np.maximum(records.day[record], 0)
    is_first = np.concatenate([[True], person[1:] != person[:-1]]) & (records.day[record] >= 0)
    later = begun + np.floor(chance.random(len(person)) * (days + HORIZON - begun)).astype(np.int64)
    day = np.where(is_first, begun, later)
    order = np.lexsort((person, day))
    leads = _leads(chance, people, catalogue, (person[order], record[order], day[order]))
    steps = _steps(chance, leads.day)
    quotes = steps.stage == QUOTED
    leads.quoted[steps.lead[quotes]] = steps.day[quotes]
    return _children(leads, steps), steps


def _leads(
    chance: np.random.Generator,
    people: Population,
    catalogue: Catalogue,
    who: tuple[Ints, Ints, Ints],
) -> Leads:
    person, record, day = who
    count = len(person)
    is_pro = people.is_professional[person]
    categories = np.flatnonzero(catalogue.is_configurable_category)
    category = chance.choice(categories, count)
    product = category * PRODUCTS_PER_CATEGORY + chance.integers(0, PRODUCTS_PER_CATEGORY, count)
    sold = catalogue.launch_day[product] <= day
    product = np.where(sold, product, category * PRODUCTS_PER_CATEGORY)
    pieces = np.where(is_pro, chance.integers(3, 45, count), 1)
    private = pick(chance, [0.8, 0.15, 0.0, 0.05], count)
    business = pick(chance, [0.4, 0.2, 0.3, 0.1], count)
    from_web = pick(chance, [0.6, 0.1, 0.2, 0.06, 0.04], count)
    by_request = pick(chance, [0.05, 0.6, 0.05, 0.1, 0.2], count)
    return Leads(
        person=person,
        record=record,
        day=day,
        product=product,
        kind=np.where(is_pro, business, private),
        origin=np.where(is_pro, by_request, from_web),
        seller=chance.integers(1, SELLERS + 1, count),
        amount=catalogue.price[product] * pieces * np.where(is_pro, 90, 100) // 100,
        pieces=pieces,
        parent=np.full(count, -1),
        quoted=np.full(count, -1),
    )


def _steps(chance: np.random.Generator, begun: Ints) -> Steps:
    count = len(begun)
    rows = [(begun, np.arange(count), np.full(count, CAPTURED), np.full(count, -1))]
    lead, day = np.arange(count), begun
    for stage, share in enumerate(GOES_ON):
        goes_on = happens(chance, share, len(lead))
        lead, day = lead[goes_on], day[goes_on] + chance.integers(*DAYS[stage], int(goes_on.sum()))
        rows.append((day, lead, np.full(len(lead), stage + 1), np.full(len(lead), -1)))
    ends = happens(chance, 0.92, len(lead))
    lead, day = lead[ends], day[ends] + chance.integers(*DAYS[-1], int(ends.sum()))
    end = WON + pick(chance, [0.42, 0.36, 0.22], len(lead))
    reason = pick(chance, [0.3, 0.2, 0.15, 0.2, 0.15], len(lead))
    rows.append((day, lead, end, np.where(end == RETURNED, reason, -1)))
    columns = [np.concatenate(column) for column in zip(*rows, strict=True)]
    order = np.lexsort((columns[2], columns[1], columns[0]))
    return Steps(*(column[order] for column in columns))


def _children(leads: Leads, steps: Steps) -> Leads:
    """A lead given back because another was made is the parent of the person's next one."""
    given_back = steps.lead[steps.reason == OTHER_LEAD]
    by_person = np.lexsort((leads.day, leads.person))
    place = np.empty(len(by_person), np.int64)
    place[by_person] = np.arange(len(by_person))
    following = place[given_back] + 1
    has_next = following < len(by_person)
    child, parent = by_person[following[has_next]], given_back[has_next]
    is_same = leads.person[child] == leads.person[parent]
    leads.parent[child[is_same]] = parent[is_same]
    return leads
