"""A day of the CRM: leads move, are quoted, handed to sales, reported on, won and bought."""

import numpy as np

from demo.world import sales
from demo.world.baskets import Lines
from demo.world.chance import draw, happens
from demo.world.columns import Cents, Ints, Key, Text, Value, Words
from demo.world.companies import Companies
from demo.world.leads import CONTACTED, HANDED_OFF, LOST, ORIGINS, QUOTED, REASONS, RETURNED

from demo.world.leads import STAGES, TYPES, WON, Leads, Steps  # isort: skip
from demo.world.orders import Sale
from demo.world.records import SHOP
from demo.world.stage import Stage

PIPELINES = Words(["marketing", "sales"])
QUOTE_STATUS = Words(["sent", "accepted", "refused", "expired"])
OUTCOMES = Words(["won", "lost", "returned", "pending"])
QUALIFICATIONS = Words(["hot", "warm", "cold", "none"])
REPORTED = 0.72  # share of outcomes on which sales reports


def live(stage: Stage, leads: Leads, steps: Steps, companies: Companies) -> None:
    """A day of steps."""
    today = np.arange(*np.searchsorted(steps.day, [stage.day, stage.day + 1]))
    if not len(today):
        return
    lead, kind, reason = steps.lead[today], steps.stage[today], steps.reason[today]
    seconds = np.sort(stage.during("steps", len(today), (9, 18)))
    _note_steps(stage, leads, (lead, kind, reason), seconds)
    last = np.append(lead[1:] != lead[:-1], True)
    _note_leads(stage, leads, (lead[last], kind[last], seconds[last]), companies)
    _note_quotes(stage, leads, (lead, kind, seconds))
    _note_talks(stage, leads, (lead[kind == CONTACTED], seconds[kind == CONTACTED]))
    ended = kind >= WON
    _report(stage, leads, (lead[ended], kind[ended], reason[ended], seconds[ended]))
    _sell(stage, leads, lead[(kind == WON) & (leads.pieces[lead] == 1)])


def lead_key(numbers: Ints) -> Key:
    """Keys of leads."""
    return Key("", np.where(numbers < 0, -1, numbers + 300_001))


def _truth(leads: Leads, lead: Ints) -> dict[str, Value]:
    return {"lead_key": lead_key(lead), "system": "hubspot", "person_id": leads.person[lead]}


def _note_steps(stage: Stage, leads: Leads, rows: tuple[Ints, Ints, Ints], seconds: Ints) -> None:
    lead, kind, reason = rows
    stage.journal.note(
        "lead_stage_events",
        "hubspot",
        _truth(leads, lead)
        | {
            "lead_stage_event_key": Key("SE", stage.number("step", len(lead)), 7),
            "pipeline": Text(PIPELINES, (kind > HANDED_OFF).astype(np.int64)),
            "stage": Text(Words(STAGES), kind),
            "return_reason": Text(Words(REASONS), reason),
            "occurred_at": stage.at(seconds),
        },
    )


def _note_leads(
    stage: Stage, leads: Leads, rows: tuple[Ints, Ints, Ints], companies: Companies
) -> None:
    lead, kind, seconds = rows
    company = companies.of[leads.person[lead]]
    closed = np.where((kind == WON) | (kind == LOST), stage.at(seconds), np.datetime64("NaT"))
    begun = np.floor(draw(stage.seed, "lead begun", lead) * 32_000).astype(np.int64) + 30_000
    has_seller = kind >= HANDED_OFF
    stage.journal.note(
        "leads",
        "hubspot",
        _truth(leads, lead)
        | {
            "customer_key": Key("", stage.records.number[leads.record[lead]]),
            "company_key": Key("", np.where(company < 0, -1, company + 9001)),
            "parent_lead_key": lead_key(leads.parent[lead]),
            "lead_type": Text(Words(TYPES), leads.kind[lead]),
            "origin": Text(Words(ORIGINS), leads.origin[lead]),
            "stage": Text(Words(STAGES), kind),
            "product_key": stage.product(leads.product[lead]),
            "expected_amount": Cents(leads.amount[lead]),
            "currency": "EUR",
            "seller_key": Key("V", np.where(has_seller, leads.seller[lead], -1), 2),
            "created_at": stage.at(begun, leads.day[lead]),
            "closed_at": closed,
        },
    )


def _note_quotes(stage: Stage, leads: Leads, rows: tuple[Ints, Ints, Ints]) -> None:
    """A quote is sent at its stage, and told again when the lead ends."""
    lead, kind, seconds = rows
    quoted = np.isin(kind, [QUOTED, WON, LOST, RETURNED])
    lead, kind, seconds = lead[quoted], kind[quoted], seconds[quoted]
    status = np.select([kind == QUOTED, kind == WON, kind == LOST], [0, 1, 2], 3)
    sent = np.floor(draw(stage.seed, "quoted", lead) * 30_000).astype(np.int64) + 32_400
    stage.journal.note(
        "quotes",
        "hubspot",
        _truth(leads, lead)
        | {
            "quote_key": Key("DV", lead + 1, 6),
            "customer_key": Key("", stage.records.number[leads.record[lead]]),
            "status": Text(QUOTE_STATUS, status),
            "total_amount": Cents(leads.amount[lead] * 97 // 100),
            "currency": "EUR",
            "quoted_at": stage.at(sent, leads.quoted[lead]),
        },
    )


def _note_talks(stage: Stage, leads: Leads, rows: tuple[Ints, Ints]) -> None:
    """Sales calls whom it was handed."""
    lead, seconds = rows
    record = leads.record[lead]
    stage.journal.note(
        "interactions",
        "hubspot/calls",
        {
            "interaction_key": Key("", stage.number("engagement", len(lead)) + 8_000_000),
            "customer_key": Key("", stage.records.number[record]),
            "email": stage.text(stage.records.email[record]),
            "phone": stage.text(stage.records.phone[record]),
            "direction": "outbound",
            "channel": "phone",
            "kind": Text(Words(["call", "meeting"]), (leads.pieces[lead] > 1).astype(np.int64)),
            "context": "lead",
            "duration_seconds": 120 + leads.seller[lead] * 37,
            "occurred_at": stage.at(seconds),
            "system": "hubspot",
            "person_id": leads.person[lead],
        },
    )


def _report(stage: Stage, leads: Leads, rows: tuple[Ints, Ints, Ints, Ints]) -> None:
    """Sales reports on most outcomes; on some, never."""
    chance = stage.rng("feedback")
    told = happens(chance, REPORTED, len(rows[0]))
    lead, kind, reason, seconds = (column[told] for column in rows)
    outcome = kind - WON
    heat = np.where(outcome == 0, 0, chance.integers(0, 4, len(lead)))
    project = stage.dates(stage.day + chance.integers(20, 400, len(lead)))
    project[happens(chance, 0.4, len(lead)) | (outcome == 0)] = np.datetime64("NaT")
    stage.journal.note(
        "lead_feedback",
        "hubspot",
        _truth(leads, lead)
        | {
            "lead_feedback_key": Key("FB", stage.number("feedback", len(lead)), 6),
            "is_contact_valid": ~happens(chance, 0.05, len(lead)) | (outcome == 0),
            "project_on": project,
            "qualification": Text(QUALIFICATIONS, heat),
            "outcome": Text(OUTCOMES, outcome),
            "return_reason": Text(Words(REASONS), reason),
            "seller_key": Key("V", leads.seller[lead], 2),
            "reported_at": stage.at(seconds + 1800),
        },
    )


def _sell(stage: Stage, leads: Leads, lead: Ints) -> None:
    """A private lead that is won is an order of the shop."""
    if not len(lead):
        return
    count = len(lead)
    person, product = leads.person[lead], leads.product[lead]
    none = np.zeros(count, np.int64)
    price = stage.state.price[product]
    lines = Lines(np.arange(count), none + 1, product, none + 1, price, none, none)
    sale = Sale(
        system=SHOP,
        person=person,
        record=stage.records.at(SHOP, person, stage.day),
        store=none - 1,
        number=stage.number("order/shop", count),
        seconds=stage.during("won", count),
        day=np.full(count, stage.day),
        coupon=none - 1,
        message=none - 1,
    )
    sales.note(stage, sale, lines)
    stage.state.last_purchase[person] = stage.day
