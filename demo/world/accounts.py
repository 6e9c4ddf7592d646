"""People who come, records that systems open, and what changes in them."""

import numpy as np

from demo.world import changes as moves
from demo.world.chance import draw
from demo.world.changes import Changes
from demo.world.columns import Ints, Key, Text, Value, Words
from demo.world.companies import Companies
from demo.world.lexicon import towns
from demo.world.records import HUBSPOT, SHOP, SYSTEMS, TILLS, postal_codes, town_countries
from demo.world.stage import Stage

AGE_BANDS = ("18-24", "25-34", "35-44", "45-54", "55-64", "65+")


def live(stage: Stage, changes: Changes, companies: Companies) -> None:
    """A day of arrivals, new records and changes."""
    people, records = stage.people, stage.records
    is_first = stage.day == 0
    arrived = people.arrival <= 0 if is_first else people.arrival == stage.day
    note_people(stage, np.flatnonzero(arrived))
    opened = np.arange(*np.searchsorted(records.day, [stage.day, stage.day + 1]))
    if is_first:
        opened = np.flatnonzero(records.day <= 0)
    _note_records(stage, opened, companies)
    _note_addresses(stage, opened[records.system[opened] == SHOP])
    due = np.arange(*np.searchsorted(changes.day, [stage.day, stage.day + 1]))
    if len(due):
        who, touched = moves.happen(stage.seed, changes, due, people, records)
        note_people(stage, who[people.arrival[who] <= stage.day])
        touched = touched[records.day[touched] < stage.day]
        _note_records(stage, touched, companies)
        _note_addresses(stage, touched[records.system[touched] == SHOP])


def note_people(stage: Stage, who: Ints) -> None:
    """The truth of these people as of today."""
    people = stage.people
    arrived = stage.dates(people.arrival[who])
    stage.journal.note(
        "people",
        "truth",
        {
            "person_id": who,
            "household_id": people.household[who],
            "first_name": stage.text(people.first[who]),
            "last_name": stage.text(people.last[who]),
            "gender": Text(Words(["f", "m"]), people.gender[who]),
            "birth_date": people.birth[who].astype("M8[D]"),
            "email": stage.text(people.email[who]),
            "phone": stage.text(people.phone[who]),
            "address_line": stage.text(people.address[who]),
            "postal_code": Text(postal_codes(), people.town[who]),
            "city": Text(Words([town.city for town in towns()]), people.town[who]),
            "country": Text(town_countries(), people.town[who]),
            "is_professional": people.is_professional[who],
            "arrived_on": arrived,
            "valid_from_on": np.maximum(arrived, stage.dates(np.full(len(who), stage.day))),
            "system": "truth",
        },
    )


def _note_records(stage: Stage, rows: Ints, companies: Companies) -> None:
    for system, name in enumerate(SYSTEMS):
        mine = rows[stage.records.system[rows] == system]
        if len(mine):
            stage.journal.note(
                "customers",
                name,
                _identity(stage, mine) | _extras(stage, mine, system, companies),
            )


def _identity(stage: Stage, rows: Ints) -> dict[str, Value]:
    records = stage.records
    town = records.town[rows]
    seconds = np.floor(draw(stage.seed, "registered", rows) * 43_200).astype(np.int64) + 30_000
    return {
        "customer_key": Key("", records.number[rows]),
        "email": stage.text(records.email[rows]),
        "phone": stage.text(records.phone[rows]),
        "first_name": stage.text(records.first[rows]),
        "last_name": stage.text(records.last[rows]),
        "birth_date": records.birth[rows].astype("M8[D]"),
        "address_line": stage.text(records.address[rows]),
        "postal_code": Text(postal_codes(), town),
        "city": stage.text(records.city[rows]),
        "country": Text(town_countries(), town),
        "loyalty_card_key": Key("", records.card[rows]),
        "has_verified_email": records.is_verified[rows] & (records.email[rows] >= 0),
        "is_test": records.is_test[rows],
        "registered_at": stage.at(seconds, records.day[rows]),
        "person_id": np.where(
            records.person[rows] < 0, np.iinfo(np.int64).min, records.person[rows]
        ),
    }


def _extras(stage: Stage, rows: Ints, system: int, companies: Companies) -> dict[str, Value]:
    person = stage.records.person[rows]
    is_pro = (person >= 0) & stage.people.is_professional[person]
    extras: dict[str, Value] = {"system": SYSTEMS[system], "is_professional": is_pro}
    if system == HUBSPOT:
        company = np.where(is_pro, companies.of[person], -1)
        extras["company_key"] = Key("", np.where(company < 0, -1, company + 9001))
        extras["is_test"] = False
    if system == TILLS:
        declares = (person >= 0) & (draw(stage.seed, "declares age", rows) < 0.5)  # noqa: PLR2004
        age = 2025 - 1970 - stage.people.birth[person] / 365.25
        band = np.clip((age - 15) // 10, 0, len(AGE_BANDS) - 1).astype(np.int64)
        extras["age_band"] = Text(Words(AGE_BANDS), np.where(declares, band, -1))
        extras["is_professional"] = False
    return extras


def _note_addresses(stage: Stage, rows: Ints) -> None:
    """Addresses of shop accounts; an account's first one has the account's number and a 1."""
    records = stage.records
    rows = rows[records.address[rows] >= 0]
    if not len(rows):
        return
    stage.journal.note(
        "addresses",
        "shop",
        {
            "address_key": Key("", records.number[rows] * 10 + 1),
            "customer_key": Key("", records.number[rows]),
            "address_line": stage.text(records.address[rows]),
            "postal_code": Text(postal_codes(), records.town[rows]),
            "city": stage.text(records.city[rows]),
            "country": Text(town_countries(), records.town[rows]),
            "is_verified": draw(stage.seed, "address verified", rows) < 0.7,  # noqa: PLR2004
            "system": "shop",
            "person_id": records.person[rows],
        },
    )
