"""The configurator: versions that people save, each nearer to what they will want."""

import json

import numpy as np

from demo.world.browsing import CONFIGURE
from demo.world.catalogue import PRODUCTS_PER_CATEGORY
from demo.world.chance import draw, happens
from demo.world.columns import Cents, Ints, Key
from demo.world.leads import Leads
from demo.world.orders import record_key
from demo.world.records import SHOP
from demo.world.stage import Stage, Visits

OPTIONS = {
    "cadre": ("S", "M", "L", "XL"),
    "couleur": ("noir", "vert", "bleu", "sable"),
    "vitesses": ("7", "8", "11"),
    "selle": ("standard", "confort", "sport"),
    "porte-bagages": ("aucun", "avant", "arrière"),
    "éclairage": ("standard", "renforcé"),
    "antivol": ("aucun", "U", "pliant"),
}
SURCHARGE = 3900  # cents per step away from the first choice of an option
DAYS_AHEAD = 7
FROM_CONFIGURATOR = 0


def live(stage: Stage, leads: Leads) -> None:
    """Versions saved today: by those who become leads within a week, and by others who do not."""
    ahead = np.arange(*np.searchsorted(leads.day, [stage.day, stage.day + DAYS_AHEAD]))
    ahead = ahead[leads.origin[ahead] == FROM_CONFIGURATOR]
    left = leads.day[ahead] - stage.day
    again = (draw(stage.seed, "configures", ahead * 8 + left) < 0.4) | (left == 0)  # noqa: PLR2004
    again &= stage.people.arrival[leads.person[ahead]] <= stage.day
    chosen = ahead[again]
    _save(stage, leads.person[chosen], leads.product[chosen], chosen, left[again] == 0)
    chance = stage.rng("curious")
    count = stage.people.count
    curious = np.flatnonzero(
        stage.present() & happens(chance, 0.0012 * stage.tempers.departments[:, 0], count)
    )
    categories = np.flatnonzero(stage.catalogue.is_configurable_category)
    product = chance.choice(categories, len(curious)) * PRODUCTS_PER_CATEGORY
    number = 10**7 + stage.number("curious", len(curious))
    _save(stage, curious, product, number, np.zeros(len(curious), bool))


def _save(stage: Stage, person: Ints, product: Ints, number: Ints, is_last: np.ndarray) -> None:
    """One version each; only the last one of a lead surely names the person."""
    if not len(person):
        return
    chance = stage.rng("saves", str(int(number[0] >= 10**7)))
    count = len(person)
    version = np.ones(count, np.int64)
    for row, one in enumerate(number):
        if one < 10**7:
            version[row] = stage.state.counters[f"version/{one}"] = (
                stage.state.counters[f"version/{one}"] + 1
            )
            if is_last[row]:
                del stage.state.counters[f"version/{one}"]
    names_itself = is_last | happens(chance, 0.35, count)
    record = stage.records.at(SHOP, person, stage.day)
    logged_in = np.where(names_itself, record, -1)
    options, steps = _options(stage, number, version)
    seconds = stage.during(f"saves {int(number[0])}", count, (9, 23))
    stage.journal.note(
        "configuration_versions",
        "configurator",
        {
            "configuration_key": Key("CFG", number, 8),
            "version_number": version,
            "customer_key": record_key(stage, logged_in),
            "anonymous_id": stage.device(person),
            "email": stage.text(np.where(names_itself, stage.people.email[person], -1)),
            "product_key": stage.product(product),
            "options": options,
            "option_count": np.full(count, len(OPTIONS)),
            "price_amount": Cents(stage.state.price[product] + steps * SURCHARGE),
            "currency": "EUR",
            "saved_at": stage.at(seconds),
            "system": "configurator",
            "person_id": person,
        },
    )
    none = np.full(count, -1)
    rows = (np.zeros(count, np.int64), person, logged_in, seconds, product, none, none, none)
    stage.visits.append(Visits(CONFIGURE, *rows))


def _options(stage: Stage, number: Ints, version: Ints) -> tuple[np.ndarray, Ints]:
    """Choices as JSON, and how far they are from the first ones. Later versions change fewer."""
    texts, steps = np.empty(len(number), object), np.zeros(len(number), np.int64)
    for row, (one, which) in enumerate(zip(number, version, strict=True)):
        cells = one * 64 + np.arange(len(OPTIONS))
        final = draw(stage.seed, "final option", cells)
        now = draw(stage.seed, f"option {which}", cells)
        wavers = draw(stage.seed, f"wavers {which}", cells) < 0.75 / which
        open_ = draw(stage.seed, f"undecided {which}", cells) < 0.35 / which
        places = [
            int(share * len(choices))
            for share, choices in zip(np.where(wavers, now, final), OPTIONS.values(), strict=True)
        ]
        chosen = {
            name: OPTIONS[name][place]
            for name, place, is_open in zip(OPTIONS, places, open_, strict=True)
            if not is_open
        }
        texts[row] = json.dumps(chosen, ensure_ascii=False)
        steps[row] = sum(places)
    return texts, steps
