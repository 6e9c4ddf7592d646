"""The records that systems keep of people: who has which, since when, and with which mistakes.

All are planned when the world is made; each is written on its day. Several records of one person,
within a system and across, differ as typing differs.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from demo.world.chance import happens, rng
from demo.world.columns import NOTHING, Ints, Words
from demo.world.dirt import Misspeller
from demo.world.lexicon import towns
from demo.world.people import Population, countries_of, draw_new_emails
from demo.world.tempers import Tempers

Bools = NDArray[np.bool_]
SYSTEMS = ("shop", "shopify", "prestashop", "brevo", "hubspot", "tills")
SHOP, SHOPIFY, PRESTASHOP, BREVO, HUBSPOT, TILLS = range(6)
FIRST_NUMBER = (10_001, 700_101, 1_001, 1, 51, 29_000_000_001)
DUPLICATES = (0.1, 0.08, 0.1, 0.05, 0.1, 0.11)
ONE_PER_EMAIL = (SHOPIFY, BREVO, HUBSPOT)  # tools that refuse a second record with an address
FR = 0


@dataclass
class Records:
    """One row per record, in the order of their days; texts are codes of the world's texts.

    number is the system's own key; first_of and second_of give the record of a person in each
    system (-1: none). Tests belong to nobody (person -1). Changes of a person reach some of them.
    """

    person: Ints
    system: Ints
    number: Ints
    day: Ints
    first: Ints
    last: Ints
    email: Ints
    phone: Ints
    address: Ints
    town: Ints
    city: Ints
    birth: Ints
    card: Ints
    is_verified: Bools
    is_test: Bools
    first_of: list[Ints]
    second_of: list[Ints]

    def key(self, system: int, person: Ints) -> Ints:
        """Number of each person's first record in a system, -1 where there is none."""
        record = self.first_of[system][person]
        return np.where(record >= 0, self.number[record], -1)

    def at(self, system: int, person: Ints, day: int) -> Ints:
        """The first record of each person that exists on a day, -1 where there is none."""
        record = self.first_of[system][person]
        return np.where((record >= 0) & (self.day[record] <= day), record, -1)


def draw_records(seed: int, people: Population, tempers: Tempers, texts: Words) -> Records:
    """Plan every record of everybody."""
    plan = _plan(seed, people, tempers)
    order = np.lexsort((plan["person"], plan["system"], plan["day"]))
    plan = {name: values[order] for name, values in plan.items()}
    written = _written(seed, plan, people, texts)
    number = np.zeros(len(order), np.int64)
    for system, start in enumerate(FIRST_NUMBER):
        mine = np.flatnonzero(plan["system"] == system)
        number[mine] = start + np.arange(len(mine))
    first_of, second_of = _finders(plan, people.count)
    records = Records(
        person=plan["person"],
        system=plan["system"],
        day=plan["day"],
        **written,
        number=number,
        card=np.full(len(order), -1),
        is_test=plan["person"] < 0,
        first_of=first_of,
        second_of=second_of,
    )
    _carry_cards(seed, records)
    return records


def _plan(seed: int, people: Population, tempers: Tempers) -> dict[str, Ints]:
    parts: list[tuple[Ints, int, Ints, int]] = []
    for system, (share, lag) in enumerate(_uses(people, tempers)):
        chance = rng(seed, "records", SYSTEMS[system])
        who = np.flatnonzero(happens(chance, share, people.count))
        if system in ONE_PER_EMAIL:
            who = np.sort(who[np.unique(people.email[who], return_index=True)[1]])
        later = np.floor(chance.exponential(lag, len(who))).astype(np.int64)
        day = people.arrival[who] + np.where(happens(chance, 0.35, len(who)), 0, later)
        parts.append((who, system, day, 0))
        again = happens(chance, DUPLICATES[system], len(who))
        gap = 15 + np.floor(chance.exponential(250, int(again.sum()))).astype(np.int64)
        parts.append((who[again], system, day[again] + gap, 1))
        tests = chance.integers(-300, 900, 6)
        parts.append((np.full(len(tests), -1), system, tests, 0))
    return {
        "person": np.concatenate([part[0] for part in parts]),
        "system": np.concatenate([np.full(len(part[0]), part[1]) for part in parts]),
        "day": np.concatenate([part[2] for part in parts]),
        "place": np.concatenate([np.full(len(part[0]), part[3]) for part in parts]),
    }


def _uses(people: Population, tempers: Tempers) -> list[tuple[NDArray[Any], float]]:
    """Share of people with a record in each system, and how many days they take to get it."""
    is_french = countries_of(people.town) == FR
    on_web = np.clip(tempers.web_share * 2.2, 0, 1)
    likes_food = tempers.departments[:, 2]
    is_pro = people.is_professional
    return [
        (np.where(is_french, 0.85 * on_web, 0.25), 25.0),
        (np.where(is_french, 0.75 * on_web * likes_food, 0.0), 90.0),
        (np.where(is_french, 0.0, 0.9), 20.0),
        (np.full(people.count, 0.52), 60.0),
        (np.where(is_pro, 0.95, 0.05 + 0.16 * tempers.departments[:, 0]), 120.0),
        (np.where(is_french, 0.72 * np.clip(2.2 * (1 - tempers.web_share), 0, 1), 0.0), 30.0),
    ]


def _written(seed: int, plan: dict[str, Ints], people: Population, texts: Words) -> dict[str, Any]:
    """What is typed into each record."""
    person = plan["person"]
    system, is_test = plan["system"], person < 0
    count = len(person)
    chance = rng(seed, "typing")
    clerk = Misspeller(seed, texts)
    is_till = system == TILLS
    email = _emails(seed, plan, people, texts)
    email = _missing(email, chance, np.where(is_till, 0.5, 0.0))
    phone = _missing(
        people.phone[person], chance, np.array([0.3, 0.5, 0.4, 0.6, 0.1, 0.35])[system]
    )
    asks_home = ~np.isin(system, [BREVO, HUBSPOT])
    keeps_home = asks_home & happens(chance, 0.92, count)
    first, last = clerk.names(people.first[person], people.last[person], is_till)
    test_name = texts.add(["Test"])[0]
    town = people.town[person]
    return {
        "first": np.where(is_test, test_name, first),
        "last": np.where(is_test, test_name, last),
        "email": np.where(is_test, email, clerk.emails(email, is_till)),
        "phone": np.where(is_test, -1, clerk.phones(phone)),
        "address": np.where(keeps_home & ~is_test, people.address[person], -1),
        "town": np.where(keeps_home & ~is_test, town, -1),
        "city": np.where(keeps_home & ~is_test, clerk.cities(town, texts), -1),
        "birth": np.where(is_test, NOTHING, _births(people.birth[person], chance, system)),
        "is_verified": ~is_till & (system != HUBSPOT) & ~is_test & happens(chance, 0.9, count),
    }


def _emails(seed: int, plan: dict[str, Ints], people: Population, texts: Words) -> Ints:
    """The address of each record. Second records mostly have another one: that is why they exist.

    Tests are written with test@test.com, or numbered where a tool wants each address once.
    """
    person, system = plan["person"], plan["system"]
    email = people.email[person]
    is_unique = np.isin(system, ONE_PER_EMAIL)
    second = (plan["place"] == 1) & (is_unique | happens(rng(seed, "second"), 0.65, len(person)))
    rows = np.flatnonzero(second)
    email[rows] = draw_new_emails(seed, people, person[rows], texts, separator="+")
    tests = np.flatnonzero(person < 0)
    numbered = [f"test{row}@test.example" if is_unique[row] else "test@test.com" for row in tests]
    email[tests] = texts.add(numbered)
    return email


def _missing(codes: Ints, chance: np.random.Generator, share: NDArray[np.float64]) -> Ints:
    return np.where(chance.random(len(codes)) < share, -1, codes)


def _births(birth: Ints, chance: np.random.Generator, system: Ints) -> Ints:
    """Birth dates as typed: many missing, some impossible (1900-01-01, or in the future)."""
    count = len(birth)
    share = np.array([0.45, 0.9, 0.3, 0.85, 0.95, 0.25])[system]
    typed = np.where(chance.random(count) < share, NOTHING, birth)
    wrong = np.where(happens(chance, 0.8, count), -25567, 24000 + chance.integers(0, 4000, count))
    return np.where(happens(chance, 0.012, count) & (typed != NOTHING), wrong, typed)


def _finders(plan: dict[str, Ints], count: int) -> tuple[list[Ints], list[Ints]]:
    found = []
    for place in (0, 1):
        for system in range(len(SYSTEMS)):
            rows = np.flatnonzero(
                (plan["system"] == system) & (plan["place"] == place) & (plan["person"] >= 0)
            )
            finder = np.full(count, -1)
            finder[plan["person"][rows]] = rows
            found.append(finder)
    return found[: len(SYSTEMS)], found[len(SYSTEMS) :]


def _carry_cards(seed: int, records: Records) -> None:
    """A card's record carries its number; six accounts in ten of the shop name the card, too."""
    cards = records.system == TILLS
    records.card[cards] = records.number[cards]
    shop = np.flatnonzero((records.system == SHOP) & (records.person >= 0))
    card = records.first_of[TILLS][records.person[shop]]
    names_it = (card >= 0) & happens(rng(seed, "cards"), 0.6, len(shop))
    names_it &= np.where(card >= 0, records.day[card] <= records.day[shop], False)
    records.card[shop[names_it]] = records.number[card[names_it]]


def postal_codes() -> Words:
    """Postal codes by number of town."""
    return Words([town.postal_code for town in towns()])


def town_countries() -> Words:
    """Country codes by number of town."""
    return Words([town.country for town in towns()])
