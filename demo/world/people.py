"""The people: who they are, with whom they live, when they come and when they will leave.

Every array has one value per person, whose number is the position. Days count from the world's
first day (0); those who come after the last day of the history appear when days are added.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from demo.world.chance import happens, pick, rng
from demo.world.columns import Ints, Joined, Key, Text, Words, render, select
from demo.world.lexicon import COUNTRIES, MAIL_HOST_SHARES, MAIL_HOSTS, first_names, last_names

from demo.world.lexicon import streets, towns  # isort: skip

Bools = NDArray[np.bool_]
NEWCOMERS_A_DAY = 0.45 / 912  # share of all people
HORIZON = 365  # days that can be added after the history
FEMALE, MALE = 0, 1
Parts = tuple[str | Text | Key, ...]
_PLAIN = (
    ("[àâä]", "a"), ("[éèêë]", "e"), ("[îïíì]", "i"), ("[ôöóò]", "o"), ("[ùûüú]", "u"),
    ("ç", "c"), ("œ", "oe"), ("[^a-z0-9-]", ""),
)  # fmt: skip


@dataclass
class Population:
    """Who the people are. Texts are codes of the world's texts; birth counts days since 1970.

    town, address, email and phone hold today's truth: moves change them.
    """

    household: Ints
    head: Ints
    gender: Ints
    birth: Ints
    first: Ints
    last: Ints
    town: Ints
    address: Ints
    email: Ints
    phone: Ints
    arrival: Ints
    leaving: Ints
    is_professional: Bools

    @property
    def count(self) -> int:
        """How many people there are, those to come included."""
        return len(self.household)


def draw_people(seed: int, people: int, days: int, texts: Words) -> Population:
    """Draw the people: `people` within `days` of history, and those who come in the year after."""
    count = int(people * (1 + NEWCOMERS_A_DAY * HORIZON)) + 1
    household, head = _households(seed, count)
    arrival = _arrivals(seed, people, count, days)
    gender = _genders(seed, household, head)
    birth = _births(seed, head)
    town = pick(rng(seed, "town"), [town.weight for town in towns()], count)[head]
    last = _last_names(seed, head, town, texts)
    population = Population(
        household=household,
        head=head,
        gender=gender,
        birth=birth,
        first=_first_names(seed, gender, birth, texts),
        last=last,
        town=town,
        address=draw_addresses(seed, "home", count, texts)[head],
        email=np.zeros(count, np.int64),
        phone=draw_phones(seed, "phone", town, texts),
        arrival=arrival,
        leaving=_leavings(seed, arrival),
        is_professional=happens(rng(seed, "professional"), 0.03, count),
    )
    own = draw_emails(seed, population, texts)
    population.email = _shared_emails(seed, population, own)
    return population


def draw_addresses(seed: int, purpose: str, count: int, texts: Words) -> Ints:
    """New addresses, street and number."""
    chance = rng(seed, purpose, "address")
    names = Words(streets())
    number = np.floor(chance.exponential(28, count)).astype(np.int64) + 1
    street = Text(names, chance.integers(0, len(names), count))
    suffix = Text(Words(["", " bis", " ter"]), pick(chance, [0.94, 0.05, 0.01], count))
    return texts.add(_joined((Key("", number), suffix, " ", street)))


def draw_phones(seed: int, purpose: str, town: Ints, texts: Words) -> Ints:
    """New mobile numbers, as people of the country write them."""
    chance = rng(seed, purpose)
    country = countries_of(town)
    count = len(town)
    digits = [Key("", chance.integers(0, 100, count), 2) for _ in range(4)]
    french = Key("0", np.where(happens(chance, 0.7, count), 6, 7))
    style = Text(Words([" ", "", "."]), pick(chance, [0.6, 0.3, 0.1], count))
    parts = [part for pair in digits for part in (style, pair)]
    triple = Key("", chance.integers(100, 1000, count), 3)
    belgian = Key("04", chance.integers(70, 100, count))
    swiss = Key("07", chance.integers(6, 10, count))
    by_country: list[Parts] = [
        (french, *parts),
        (belgian, " ", digits[0], " ", digits[1], " ", digits[2]),
        (swiss, " ", triple, " ", digits[0], " ", digits[1]),
    ]
    return _written(texts, country, by_country)


def draw_emails(seed: int, population: Population, texts: Words) -> Ints:
    """E-mail addresses made of names, no two alike; hosts are .example, so that none is real."""
    chance = rng(seed, "email")
    count = population.count
    first = Text(slugs(texts, population.first), np.arange(count))
    last = Text(slugs(texts, population.last), np.arange(count))
    letters = Words(pc.utf8_slice_codeunits(first.words.take(first.codes), 0, 1).to_pylist())
    initial = Text(letters, first.codes)
    number = Key("", chance.integers(1, max(99, count // 25), count))
    year = Key("", (1970 + population.birth / 365.25).astype(np.int64) % 100, 2)
    shapes: list[Parts] = [
        (first, ".", last, number),
        (first, last, year),
        (initial, ".", last, number),
        (last, ".", first, year),
        (first, ".", last),
        (first, year, number),
    ]
    host = Text(Words(MAIL_HOSTS), pick(chance, MAIL_HOST_SHARES, count))
    shape = pick(chance, [0.34, 0.16, 0.16, 0.12, 0.12, 0.1], count)
    codes = _written(texts, shape, [(*parts, "@", host) for parts in shapes])
    taken = _repeated(texts.take(codes))
    unlike = (first, "-", last, ".", Key("", np.arange(count)), "@", host)
    codes[taken] = texts.add(_joined(tuple(_some(part, taken) for part in unlike)))
    return codes


def draw_new_emails(
    seed: int, population: Population, who: Ints, texts: Words, *, separator: str = "_"
) -> Ints:
    """Further addresses of people, no two alike with a separator, nor like a first one."""
    first = Text(slugs(texts, population.first[who]), np.arange(len(who)))
    last = Text(slugs(texts, population.last[who]), np.arange(len(who)))
    host = Text(Words(MAIL_HOSTS), pick(rng(seed, "new email"), MAIL_HOST_SHARES, len(who)))
    return texts.add(_joined((first, separator, last, Key("", np.arange(len(who))), "@", host)))


def countries_of(town: Ints) -> Ints:
    """Number of the country (lexicon.COUNTRIES) of each town."""
    return np.array([COUNTRIES.index(place.country) for place in towns()])[town]


def _joined(parts: Parts) -> pa.Array:
    return render(Joined(parts), pa.string(), 0)


def _some(part: str | Text | Key, which: NDArray[Any]) -> str | Text | Key:
    return part if isinstance(part, str) else cast(Text | Key, select(part, which))


def _written(texts: Words, shape: Ints, shapes: list[Parts]) -> Ints:
    """New texts, each in the shape of its number."""
    codes = np.zeros(len(shape), np.int64)
    for number, parts in enumerate(shapes):
        which = np.flatnonzero(shape == number)
        codes[which] = texts.add(_joined(tuple(_some(part, which) for part in parts)))
    return codes


def _repeated(texts: pa.Array) -> Bools:
    """Which texts another one before them already is."""
    codes = texts.dictionary_encode().indices.to_numpy()
    first_seen = np.unique(codes, return_index=True)[1]
    repeated = np.ones(len(codes), bool)
    repeated[first_seen] = False
    return repeated


def slugs(texts: Words, codes: Ints) -> Words:
    """The texts as they stand in an e-mail address: no accents, no blanks."""
    lowered = pc.utf8_lower(texts.take(codes))
    for pattern, by in _PLAIN:
        lowered = pc.replace_substring_regex(lowered, pattern, by)
    slugs = Words()
    slugs.add(lowered)
    return slugs


def _households(seed: int, count: int) -> tuple[Ints, Ints]:
    sizes = pick(rng(seed, "household"), [0.46, 0.37, 0.11, 0.06], count) + 1
    household = np.repeat(np.arange(count), sizes)[:count]
    starts = np.concatenate([[0], np.cumsum(sizes)])[:count]
    return household, starts[household]


def _arrivals(seed: int, people: int, count: int, days: int) -> Ints:
    chance = rng(seed, "arrival")
    place = chance.permutation(count)  # the first `people` places come within the history
    newcomers = min(0.85, NEWCOMERS_A_DAY * days)
    before = -1 - np.floor(chance.gamma(1.2, 500, count)).astype(np.int64) % 2200
    within = chance.integers(0, days, count)
    after = days + chance.integers(0, HORIZON, count)
    arrival = np.where(chance.random(count) < newcomers, within, before)
    return np.where(place < people, arrival, after)


def _leavings(seed: int, arrival: Ints) -> Ints:
    stay = np.floor(rng(seed, "leaving").exponential(1400, len(arrival))).astype(np.int64) + 20
    return np.maximum(arrival, -240) + stay


def _genders(seed: int, household: Ints, head: Ints) -> Ints:
    chance = rng(seed, "gender")
    own = happens(chance, 0.47, len(head)).astype(np.int64)
    is_partner = (np.arange(len(head)) - head) == 1
    other = np.where(happens(chance, 0.92, len(head)), 1 - own[head], own[head])
    return np.where(is_partner, other, own)


def _births(seed: int, head: Ints) -> Ints:
    chance = rng(seed, "birth")
    count = len(head)
    age = np.clip(chance.normal(46, 15, count), 19, 92)
    place = np.arange(count) - head
    age = np.where(place == 1, np.clip(age[head] + chance.normal(0, 3.5, count), 19, 92), age)
    child = np.clip(age[head] - chance.normal(27, 4, count), 18 + chance.uniform(0, 4, count), 30)
    age = np.where(place > 1, child, age)
    born = date(2024, 6, 1).toordinal() - date(1970, 1, 1).toordinal() - age * 365.25
    return np.floor(born).astype(np.int64)


def _first_names(seed: int, gender: Ints, birth: Ints, texts: Words) -> Ints:
    names, of_gender, of_era = first_names()
    codes = texts.add(list(names))
    chance = rng(seed, "first name")
    year = 1970 + birth / 365.25 + chance.normal(0, 6, len(birth))
    era = 1 + (year > _era_ends()[0]).astype(int) + (year > _era_ends()[1])
    out = np.zeros(len(birth), np.int64)
    for which in range(6):
        pool = codes[(of_gender == which % 2) & (of_era == which // 2 + 1)]
        mask = (gender == which % 2) & (era == which // 2 + 1)
        weights = (1.0 + np.arange(len(pool))) ** -0.35
        out[mask] = pool[pick(chance, weights, int(mask.sum()))]
    return out


def _era_ends() -> tuple[int, int]:
    return 1957, 1988


def _last_names(seed: int, head: Ints, town: Ints, texts: Words) -> Ints:
    chance = rng(seed, "last name")
    country = countries_of(town)
    out = np.zeros(len(head), np.int64)
    for number, code in enumerate(COUNTRIES):
        pool = texts.add(list(last_names()[code]))
        mask = country == number
        weights = (3.0 + np.arange(len(pool))) ** -0.55
        out[mask] = pool[pick(chance, weights, int(mask.sum()))]
    return np.where(happens(chance, 0.8, len(head)), out[head], out)


def _shared_emails(seed: int, population: Population, own: Ints) -> Ints:
    """One family in nine writes from one address."""
    head = population.head
    shares = happens(rng(seed, "shared email"), 0.11, population.count)[head]
    return np.where(shares, own[head], own)
