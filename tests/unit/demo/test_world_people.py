"""The people of the make-believe company are plausible, and their records are dirty."""

import re

import numpy as np
import pytest

from demo.world.chance import draw, happens, pick, rng
from demo.world.changes import draw_changes, happen
from demo.world.columns import Words
from demo.world.dirt import abroad, garbled, mistype, without_accents
from demo.world.lexicon import first_names, last_names, stores, streets, towns
from demo.world.people import Population, draw_people
from demo.world.records import BREVO, ONE_PER_EMAIL, SHOP, TILLS, Records, draw_records
from demo.world.tempers import draw_tempers

SEED, PEOPLE, DAYS = 5, 3000, 900
PHONES = {
    "FR": re.compile(r"0[67]([ .]?\d\d){4}"),
    "BE": re.compile(r"04\d\d \d\d \d\d \d\d"),
    "CH": re.compile(r"07\d \d{3} \d\d \d\d"),
}


@pytest.fixture(scope="module")
def crowd() -> tuple[Population, Words, Records]:
    texts = Words()
    people = draw_people(SEED, PEOPLE, DAYS, texts)
    return people, texts, draw_records(SEED, people, draw_tempers(SEED, people.count), texts)


def test_postal_codes_belong_to_their_country() -> None:
    for town in towns():
        assert re.fullmatch(r"\d{5}" if town.country == "FR" else r"\d{4}", town.postal_code)
        assert (town.store >= 0) == (town.country == "FR")
    assert len(stores()) == 11


def test_the_word_lists_have_accents_and_compounds() -> None:
    names = {*first_names()[0], *last_names()["FR"]}
    assert {"Jean-Pierre", "Hélène", "François", "Le Gall", "D'Angelo"} <= names
    assert len(streets()) > 50


def test_phones_are_written_as_in_their_country(
    crowd: tuple[Population, Words, Records],
) -> None:
    people, texts, _ = crowd
    for town, phone in zip(people.town, texts.list(people.phone), strict=True):
        assert PHONES[towns()[town].country].fullmatch(phone)


def test_emails_are_of_one_household_only_and_can_be_nobodys_real_address(
    crowd: tuple[Population, Words, Records],
) -> None:
    people, texts, _ = crowd
    emails = texts.list(people.email)
    holders: dict[str, set[int]] = {}
    for email, household in zip(emails, people.household, strict=True):
        holders.setdefault(email, set()).add(int(household))
        assert re.fullmatch(r"[a-z0-9._-]+@[a-z]+\.example", email)
    assert all(len(households) == 1 for households in holders.values())
    assert len(holders) < len(emails)


def test_households_live_together_and_mostly_share_a_name(
    crowd: tuple[Population, Words, Records],
) -> None:
    people = crowd[0]
    assert (people.address == people.address[people.head]).all()
    assert (people.town == people.town[people.head]).all()
    others = people.head != np.arange(people.count)
    assert 0.6 < (people.last == people.last[people.head])[others].mean() < 0.95


def test_records_have_the_mistakes_of_records(crowd: tuple[Population, Words, Records]) -> None:
    people, texts, records = crowd
    real = records.person >= 0
    first = np.array(texts.list(records.first[real]))
    true = np.array(texts.list(people.first[records.person[real]]))
    plain = np.array([without_accents(name).lower() for name in true])
    typed = np.array([without_accents(name).lower() for name in first])
    assert 0.1 < (first != true).mean() < 0.45
    assert 0.01 < (typed != plain).mean() < 0.08
    births = records.birth[real & (records.birth > -(10**6))]
    assert (births == -25567).any()
    assert (births > 20000).any()
    assert (~real).sum() == 36


def test_tools_that_want_each_address_once_have_it_once(
    crowd: tuple[Population, Words, Records],
) -> None:
    _, texts, records = crowd
    for system in ONE_PER_EMAIL:
        emails = texts.list(records.email[records.system == system])
        assert len(set(emails)) == len(emails)


def test_cards_join_the_shop_and_the_tills(crowd: tuple[Population, Words, Records]) -> None:
    _, _, records = crowd
    shop = (records.system == SHOP) & (records.card >= 0)
    assert shop.sum() > 100
    cards = records.first_of[TILLS][records.person[shop]]
    assert (records.number[cards] == records.card[shop]).all()


def test_changes_reach_people_at_once_and_some_records_only(
    crowd: tuple[Population, Words, Records],
) -> None:
    texts = Words()
    people = draw_people(SEED, PEOPLE, DAYS, texts)
    records = draw_records(SEED, people, draw_tempers(SEED, people.count), texts)
    changes = draw_changes(SEED, people, DAYS, texts)
    before = records.email.copy()
    touched = [
        happen(SEED, changes, np.flatnonzero(changes.day == day), people, records)
        for day in range(1, 120)
    ]
    assert sum(len(who) for who, _ in touched) > 100
    brevo = records.first_of[BREVO]
    has = (brevo >= 0) & (before[brevo] >= 0)
    stale = records.email[brevo] != people.email
    assert 0.002 < stale[has].mean() < 0.2


def test_changes_of_many_days_at_once_end_as_day_by_day() -> None:
    ends = []
    for at_once in (True, False):
        texts = Words()
        people = draw_people(SEED, 800, DAYS, texts)
        records = draw_records(SEED, people, draw_tempers(SEED, people.count), texts)
        changes = draw_changes(SEED, people, DAYS, texts)
        days = [range(600)] if at_once else [range(day, day + 1) for day in range(600)]
        for span in days:
            which = np.flatnonzero(np.isin(changes.day, list(span)))
            happen(SEED, changes, which, people, records)
        ends.append((people.address, people.email, people.phone, people.town, records.email,
                     records.address, records.phone, records.city))  # fmt: skip
    for one, other in zip(*ends, strict=True):
        assert (one == other).all()


def test_slips_of_the_pen() -> None:
    assert mistype("Durand", 0.3, 0) == "Druand"
    assert mistype("Durand", 0.3, 1) == "Drand"
    assert mistype("Durand", 0.3, 2) == "Duurand"
    assert mistype("a@b.example", 0.9, 0) == "@b.example"
    assert garbled("Zoé") == "ZoÃ©"
    assert without_accents("Éléonore-François") == "Eleonore-Francois"
    assert abroad("06 12 34 56 78") == "+33 6 12 34 56 78"
    assert abroad("0475 12 34 56") == "+32 475 12 34 56"
    assert abroad("079 123 45 67") == "+41 79 123 45 67"


def test_chance_is_named() -> None:
    assert rng(1, "a").random() == rng(1, "a").random()
    assert rng(1, "a").random() != rng(1, "b").random()
    some = draw(1, "x", np.arange(1000))
    assert (draw(1, "x", np.array([7, 3])) == some[[7, 3]]).all()
    assert abs(some.mean() - 0.5) < 0.05
    assert abs(happens(rng(1, "h"), 0.2, 5000).mean() - 0.2) < 0.03
    assert (np.bincount(pick(rng(1, "p"), [1, 0, 3], 4000), minlength=3) > 0).tolist() == [
        True,
        False,
        True,
    ]
