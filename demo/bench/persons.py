"""Records of invented persons, one in seven of them twice: seeded, of any number, with the truth.

Written to `persons.parquet` (the first day) and `later.parquet` (one hundredth more, half of it new
persons and half further records of known ones). Columns: record_id, person_id (the truth) and those
of intermediate.int_identity__profiles.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

Ints = NDArray[np.int64]
DUPLICATE_SHARE = 0.15
LATER_SHARE = 0.01
_STARTS = [
    "ba",
    "be",
    "bo",
    "ca",
    "ce",
    "co",
    "da",
    "de",
    "do",
    "fa",
    "fe",
    "ga",
    "go",
    "jo",
    "ju",
    "la",
    "le",
    "li",
    "lo",
    "ma",
    "me",
    "mi",
    "mo",
    "na",
    "no",
    "pa",
    "pe",
    "ra",
]
_MIDDLES = [
    "bar",
    "bin",
    "cel",
    "den",
    "din",
    "gal",
    "lan",
    "len",
    "lin",
    "mar",
    "min",
    "nan",
    "nel",
    "nor",
    "ral",
    "rel",
    "ric",
    "rin",
    "sal",
]
_ENDS = [
    "a",
    "aud",
    "e",
    "eau",
    "el",
    "ert",
    "et",
    "ette",
    "ez",
    "ie",
    "ier",
    "in",
    "ine",
    "is",
    "on",
    "ot",
    "y",
]
_STREETS = ["rue", "avenue", "place", "chemin", "allee", "boulevard", "impasse", "quai"]
_ROW = """
    select
        'r|' || lpad(number::varchar, 9, '0') as record_id, person as person_id,
        case
            when slip = 1 then left(first, place) || substr(first, place + 2)
            when slip = 2 then upper(first) else first
        end as first_name,
        case when slip = 3 then left(last, place) || substr(last, place + 2) else last end
            as last_name,
        case when birth_known then date '1935-01-01' + birth::integer end as birth_date,
        case
            when email_known then first || '.' || last || (person * 7919 % 10007 + mailbox)
                || '@mail' || (person % 9) || '.example'
        end as email,
        case when phone_known then '+336' || lpad((phone * 48271 % 99999989)::varchar, 8, '0') end
            as phone,
        house || ' ' || street || ' ' || street_name as address_line,
        lpad((1000 + town * 97 % 94000)::varchar, 5, '0') as postal_code,
        'ville ' || town as city,
        null::varchar as loyalty_card_key
    from drawn
    inner join firsts on drawn.first_code = firsts.code
    inner join lasts on drawn.last_code = lasts.code
    inner join streets on drawn.street_code = streets.code
    inner join street_names on drawn.street_name_code = street_names.code
"""


def make_persons(folder: Path, record_count: int, seed: int) -> None:
    """Write both files."""
    import duckdb
    import pyarrow as pa

    rng = np.random.default_rng(seed)
    persons = _persons(rng, round(record_count / (1 + DUPLICATE_SHARE)))
    count = len(persons["person"])
    first_day = _with_again(rng, persons, record_count - count)
    new = _persons(rng, round(record_count * LATER_SHARE / 2), start=count)
    again = _some(persons, rng.integers(0, count, len(new["person"])))
    later = _joined(new, _mistaken(rng, again))
    later["number"] = np.arange(len(later["person"])) + record_count
    with duckdb.connect() as con:
        for name, texts in _texts().items():
            con.register(f"{name}s", pa.table({"code": np.arange(len(texts)), name: texts}))
        for name, drawn in (("persons", first_day), ("later", later)):
            con.register("drawn", _table(drawn))
            con.sql(_ROW).write_parquet(str(folder / f"{name}.parquet"))


def _texts() -> dict[str, list[str]]:
    names = ["".join(parts) for parts in product(_STARTS, _MIDDLES, _ENDS)]
    return {
        "first": names[:: len(names) // 600],
        "last": names + [f"{name}d" for name in names],
        "street": _STREETS,
        "street_name": [f"des {name}" for name in names[::3]],
    }


def _persons(rng: np.random.Generator, count: int, start: int = 0) -> dict[str, Any]:
    texts = _texts()
    drawn = {
        "person": np.arange(count) + start,
        "first_code": _zipf(rng, len(texts["first"]), count),
        "last_code": _zipf(rng, len(texts["last"]), count),
        "birth": rng.integers(0, 26_000, count),
        "phone": np.arange(count) + start,
        "mailbox": np.zeros(count, np.int64),
        "slip": np.zeros(count, np.int64),
        "place": np.ones(count, np.int64),
        **_home(rng, count),
    }
    return drawn | _known(rng, count, 0.1)


def _home(rng: np.random.Generator, count: int) -> dict[str, Ints]:
    texts = _texts()
    return {
        "house": rng.integers(1, 120, count),
        "street_code": rng.integers(0, len(texts["street"]), count),
        "street_name_code": rng.integers(0, len(texts["street_name"]), count),
        "town": _zipf(rng, 4000, count),
    }


def _known(rng: np.random.Generator, count: int, missing: float) -> dict[str, Any]:
    return {
        f"{name}_known": rng.random(count) > missing * factor
        for name, factor in (("birth", 1), ("email", 1.5), ("phone", 2))
    }


def _mistaken(rng: np.random.Generator, rows: dict[str, Any]) -> dict[str, Any]:
    """The same persons again: one in four with a slip, some moved, some with another address."""
    count = len(rows["person"])
    rows["slip"] = rng.choice([0, 1, 2, 3], count, p=[0.6, 0.12, 0.16, 0.12])
    rows["place"] = rng.integers(1, 4, count)
    rows["mailbox"] = np.where(_happens(rng, count, 0.25), rng.integers(1, 9, count), 0)
    moved = _happens(rng, count, 0.15)
    for name, values in _home(rng, count).items():
        rows[name] = np.where(moved, values, rows[name])
    new_phone = _happens(rng, count, 0.1)
    rows["phone"] = np.where(new_phone, rows["phone"] + 50_000_000, rows["phone"])
    return rows | _known(rng, count, 0.2)


def _with_again(rng: np.random.Generator, persons: dict[str, Any], count: int) -> dict[str, Any]:
    who = rng.choice(len(persons["person"]), count, replace=False)
    rows = _joined(persons, _mistaken(rng, _some(persons, who)))
    return rows | {"number": rng.permutation(len(rows["person"]))}


def _some(rows: dict[str, Any], which: Ints) -> dict[str, Any]:
    return {name: values[which] for name, values in rows.items()}


def _joined(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return {name: np.concatenate([values, other[name]]) for name, values in one.items()}


def _happens(rng: np.random.Generator, count: int, share: float) -> NDArray[np.bool_]:
    return rng.random(count) < share


def _zipf(rng: np.random.Generator, size: int, count: int) -> Ints:
    weights = (np.arange(size) + 5.0) ** -0.8
    return np.asarray(rng.choice(size, count, p=weights / weights.sum()), np.int64)


def _table(rows: dict[str, Any]) -> pa.Table:
    import pyarrow as pa

    return pa.table(rows)
