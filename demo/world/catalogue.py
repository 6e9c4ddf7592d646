"""The catalogue: 400 products in 25 categories of three departments, and what there is to read."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from demo.world.chance import happens, rng
from demo.world.columns import Ints, Words
from demo.world.lexicon import DATA

DEPARTMENTS = ("bikes", "home", "organic_food")
PRODUCTS_PER_CATEGORY = 16
DEAR = 2000  # cents from which prices end in .99, below in .x9
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Catalogue:
    """Products in the order of their categories; prices in cents.

    first_of and size_of delimit the products of a category. popularity sums to 1 in each.
    """

    categories: tuple[str, ...]
    department_of: Ints
    weight: Floats
    peak_month: Floats
    peak_strength: Floats
    is_configurable_category: NDArray[np.bool_]
    category: Ints
    type_name: Words
    product_name: Words
    brand: Words
    package: Words
    price: Ints
    cost: Ints
    is_organic: NDArray[np.bool_]
    launch_day: Ints
    popularity: Floats

    @property
    def count(self) -> int:
        """How many products there are."""
        return len(self.category)


@dataclass(frozen=True)
class Contents:
    """Articles, guides and tutorial videos; topic is a category's number."""

    kinds: Words
    titles: Words
    topic: Ints
    kind: Ints


def build_catalogue(seed: int, days: int) -> Catalogue:
    """The catalogue of a seed; one product in eight is launched within the given days."""
    entries = _entries()
    chance = rng(seed, "catalogue")
    rows = [row for number, entry in enumerate(entries) for row in _products(number, entry, chance)]
    count = len(rows)
    category = np.array([row["category"] for row in rows])
    price = np.array([row["price"] for row in rows])
    margin = np.array([entries[number][2]["margin"] for number in category])
    rank = np.arange(count) % PRODUCTS_PER_CATEGORY
    late = happens(chance, 0.125, count) & (rank > 0)
    popularity = np.asarray((1.0 + rank) ** -0.8, np.float64)
    popularity /= popularity[:PRODUCTS_PER_CATEGORY].sum()
    return Catalogue(
        categories=tuple(entry[1] for entry in entries),
        department_of=np.array([DEPARTMENTS.index(entry[0]) for entry in entries]),
        weight=np.array([float(entry[2]["weight"]) for entry in entries]),
        peak_month=np.array([float(entry[2]["peak"][0]) for entry in entries]),
        peak_strength=np.array([float(entry[2]["peak"][1]) for entry in entries]),
        is_configurable_category=np.array([bool(e[2].get("configurable")) for e in entries]),
        category=category,
        type_name=Words([row["type"] for row in rows]),
        product_name=Words([row["name"] for row in rows]),
        brand=Words([row["brand"] for row in rows]),
        package=Words([row["variant"] for row in rows]),
        price=price,
        cost=np.round(price / 1.2 * (1 - margin) * chance.uniform(0.93, 1.07, count)).astype(int),
        is_organic=np.array([row["organic"] for row in rows]),
        launch_day=np.where(late, chance.integers(30, max(days, 31), count), -1),
        popularity=popularity,
    )


@cache
def contents() -> Contents:
    """What the sites have to read and to watch."""
    raw = yaml.safe_load((DATA / "contents.yml").read_text(encoding="utf-8"))
    names = [entry[1] for entry in _entries()]
    rows = [
        (kind, names.index(topic), title) for kind, list_ in raw.items() for topic, title in list_
    ]
    kinds = list(raw)
    return Contents(
        kinds=Words(kinds),
        titles=Words([row[2] for row in rows]),
        topic=np.array([row[1] for row in rows]),
        kind=np.array([kinds.index(row[0]) for row in rows]),
    )


@cache
def _entries() -> list[tuple[str, str, dict[str, Any]]]:
    raw = yaml.safe_load((DATA / "catalogue.yml").read_text(encoding="utf-8"))
    return [
        (department, name, body)
        for department in DEPARTMENTS
        for name, body in raw[department].items()
    ]


def _products(
    number: int, entry: tuple[str, str, dict[str, Any]], chance: np.random.Generator
) -> list[dict[str, Any]]:
    department, _, body = entry
    names = [
        (kind, brand, variant)
        for kind in body["types"]
        for brand in body["brands"]
        for variant in body["variants"]
    ]
    chosen = chance.choice(len(names), PRODUCTS_PER_CATEGORY, replace=False)
    low, high = (float(bound) for bound in body["price"])
    cents = low * (high / low) ** chance.random(PRODUCTS_PER_CATEGORY) * 100
    step = np.where(cents < DEAR, 10, 100)
    rounded = np.round(cents / step) * step - 1
    return [
        {
            "category": number,
            "type": names[choice][0],
            "name": f"{names[choice][0]} {names[choice][1]} {names[choice][2]}",
            "brand": names[choice][1],
            "variant": names[choice][2],
            "price": int(rounded[rank]),
            "organic": department == "organic_food"
            or (bool(body.get("organic")) and rank % 2 == 0),
        }
        for rank, choice in enumerate(chosen)
    ]
