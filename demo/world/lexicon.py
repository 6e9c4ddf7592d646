"""The word lists beside this code: names, towns, streets, stores."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

DATA = Path(__file__).parent / "data"

COUNTRIES = ("FR", "BE", "CH")
MAIL_HOSTS = (
    "gmail.example", "orange.example", "free.example", "hotmail.example", "yahoo.example",
    "laposte.example", "sfr.example", "wanadoo.example", "outlook.example", "icloud.example",
)  # fmt: skip
MAIL_HOST_SHARES = np.array([0.34, 0.14, 0.1, 0.11, 0.08, 0.06, 0.05, 0.04, 0.05, 0.03])


@dataclass(frozen=True)
class Town:
    """A postal code with its town; the store is the nearest one, -1 abroad."""

    postal_code: str
    city: str
    country: str
    weight: float
    store: int


@dataclass(frozen=True)
class Store:
    """A shop in a street, with the postal departments it draws on."""

    name: str
    address_line: str
    postal_code: str
    city: str
    opened_on: str
    departments: tuple[str, ...]


@cache
def first_names() -> tuple[tuple[str, ...], NDArray[np.int64], NDArray[np.int64]]:
    """First names, with gender (0 f, 1 m) and era (1 oldest to 3 youngest) of each."""
    rows = [
        (name, "fm".index(row["gender"]), int(row["era"]))
        for row in _rows("first_names.csv")
        for name in row["names"].split("|")
    ]
    return (
        tuple(row[0] for row in rows),
        np.array([row[1] for row in rows]),
        np.array([row[2] for row in rows]),
    )


@cache
def last_names() -> dict[str, tuple[str, ...]]:
    """Last names by country, the most frequent ones first."""
    return {row["country"]: tuple(row["names"].split("|")) for row in _rows("last_names.csv")}


@cache
def towns() -> tuple[Town, ...]:
    """Every town of the word list."""
    near = {
        department: number
        for number, shop in enumerate(stores())
        for department in shop.departments
    }
    return tuple(
        Town(
            row["postal_code"],
            row["city"],
            row["country"],
            float(row["weight"]),
            near[row["postal_code"][:2]] if row["country"] == "FR" else -1,
        )
        for row in _rows("towns.csv")
    )


@cache
def stores() -> tuple[Store, ...]:
    """The eleven stores."""
    return tuple(
        Store(
            row["store_name"],
            row["address_line"],
            row["postal_code"],
            row["city"],
            row["opened_on"],
            tuple(row["departments"].split("|")),
        )
        for row in _rows("stores.csv")
    )


@cache
def streets() -> tuple[str, ...]:
    """Names of streets."""
    return tuple((DATA / "streets.txt").read_text(encoding="utf-8").split("\n")[:-1])


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
