"""Business customers: companies, and which professional belongs to which."""

from dataclasses import dataclass

import numpy as np

from demo.world.chance import happens, pick, rng
from demo.world.columns import Ints, Joined, Key, Text, Words
from demo.world.lexicon import COUNTRIES, towns
from demo.world.people import Population, countries_of
from demo.world.records import HUBSPOT, Records, postal_codes
from demo.world.stage import Stage

KINDS = (
    "Transports", "Menuiserie", "Cabinet", "Imprimerie", "Boulangerie", "Hôtel", "Clinique",
    "Agence", "Brasserie", "Garage", "Laboratoire", "Librairie", "Coopérative", "Résidence",
)  # fmt: skip
INDUSTRIES = (
    "transport", "construction", "legal", "printing", "food", "hospitality", "health", "services",
    "hospitality", "automotive", "research", "retail", "agriculture", "housing",
)  # fmt: skip
BANDS = ("1-9", "10-49", "50-249", "250+")


@dataclass(frozen=True)
class Companies:
    """One row per company; of gives the company of each person, -1 for most."""

    name: Ints
    kind: Ints
    town: Ints
    band: Ints
    registration: Ints
    day: Ints
    of: Ints


def draw_companies(seed: int, people: Population, records: Records, texts: Words) -> Companies:
    """The companies of the professionals, each with one to three contacts."""
    chance = rng(seed, "companies")
    contacts = np.flatnonzero(people.is_professional)
    number = np.cumsum(happens(chance, 0.6, len(contacts)))
    number = number - number[0] if len(number) else number
    count = int(number[-1]) + 1 if len(number) else 0
    of = np.full(people.count, -1)
    of[contacts] = number
    boss = contacts[np.unique(number, return_index=True)[1]]
    kind = chance.integers(0, len(KINDS), count)
    names = texts.list(people.last[boss])
    first_day = np.full(count, 2**30)
    record = records.first_of[HUBSPOT][contacts]
    days = np.where(record >= 0, records.day[record], 2**30)
    np.minimum.at(first_day, number, days)
    return Companies(
        name=texts.add([f"{KINDS[k]} {name}" for k, name in zip(kind, names, strict=True)]),
        kind=kind,
        town=people.town[boss],
        band=pick(chance, [0.45, 0.35, 0.15, 0.05], count),
        registration=chance.integers(100_000_000, 1_000_000_000, count),
        day=first_day,
        of=of,
    )


def live(stage: Stage, companies: Companies) -> None:
    """Companies whose first contact is recorded today."""
    begun = companies.day <= 0 if stage.day == 0 else companies.day == stage.day
    new = np.flatnonzero(begun)
    country = countries_of(companies.town[new])
    stage.journal.note(
        "companies",
        "hubspot",
        {
            "company_key": Key("", new + 9001),
            "company_name": stage.text(companies.name[new]),
            "registration_number": Joined(
                (Text(Words(["", "BE0", "CHE-"]), country), Key("", companies.registration[new]))
            ),
            "industry": Text(Words(INDUSTRIES), companies.kind[new]),
            "employee_band": Text(Words(BANDS), companies.band[new]),
            "postal_code": Text(postal_codes(), companies.town[new]),
            "city": Text(Words([town.city for town in towns()]), companies.town[new]),
            "country": Text(Words(COUNTRIES), country),
            "created_at": stage.at(stage.during("companies", len(new)), companies.day[new]),
            "system": "hubspot",
        },
    )
