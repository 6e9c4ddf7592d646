"""The truth, for tests and graders only: who is who, who leaves, who likes what, what moved whom.

No part of the product reads these files.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from demo.world.columns import Ints, Key, Text, Value, Words, concat, render, rows_of
from demo.world.facts import Facts, Period
from demo.world.lexicon import towns
from demo.world.records import SYSTEMS, town_countries
from demo.world.stage import Stage
from demo.world.tempers import CHANNELS, OFFERS, TYPES
from demo.world.uplift import purchase_probability

CHUNK = 100_000
CONTACT_TYPES = {
    "person_id": pa.int64(),
    "contacted_on": pa.date32(),
    "channel": pa.string(),
    "offer": pa.string(),
    "campaign_key": pa.string(),
    "message_key": pa.string(),
    "is_held_out": pa.bool_(),
    "is_read": pa.bool_(),
    "effect": pa.float64(),
    "purchase_probability_with": pa.float64(),
    "purchase_probability_without": pa.float64(),
    "uplift": pa.float64(),
}


def write_period(stage: Stage, period: Period, facts: Facts, folder: Path) -> None:
    """Write what belongs to one period, and empty what the stage kept for it.

    uplift/<first day>.parquet: one row per contact; purchases/<first day>.parquet: person and day
    of each order; people/<first day>.parquet: who came or changed.
    """
    name = f"{period.first_day}.parquet"
    _write(contacts(stage), folder / "uplift" / name)
    bought = facts["orders"].select(["person_id", "system", "order_key", "ordered_at", "status"])
    _write(bought, folder / "purchases" / name)
    _write(facts["people"], folder / "people" / name)


def contacts(stage: Stage) -> pa.Table:
    """One row per contact since the last call, with its true uplift."""
    kept = list(stage.contacts)
    stage.contacts.clear()
    columns = []
    for name, kind in CONTACT_TYPES.items():
        if not kept:
            columns.append(pa.array([], kind))
            continue
        value = concat([batch[name] for batch in kept])
        columns.append(render(value, kind, rows_of(value) or 0))
    return pa.table(columns, schema=pa.schema(CONTACT_TYPES.items()))


def write_state(stage: Stage, folder: Path) -> None:
    """Write the truth of everybody who has come, as of the last day that was lived.

    records, households, attrition, appetence (person × category), channel_preference (person ×
    channel), incentive (person × offer), tempers, consents (person × channel).
    """
    stage.day -= 1
    try:
        for name, pieces in (
            ("records", _records(stage)),
            ("attrition", _attrition(stage)),
            ("appetence", _appetence(stage)),
            ("channel_preference", _by_channel(stage)),
            ("incentive", _by_offer(stage)),
            ("tempers", _tempers(stage)),
        ):
            _write_pieces(pieces, folder / f"{name}.parquet")
    finally:
        stage.day += 1


def _come(stage: Stage) -> Iterator[Ints]:
    who = np.flatnonzero(stage.people.arrival <= stage.day)
    for start in range(0, max(len(who), 1), CHUNK):
        yield who[start : start + CHUNK]


def _records(stage: Stage) -> Iterator[pa.Table]:
    records, people = stage.records, stage.people
    rows = np.flatnonzero(records.day <= stage.day)
    person = records.person[rows]
    yield _table(
        {
            "system": Text(Words(SYSTEMS), records.system[rows]),
            "customer_key": Key("", records.number[rows]),
            "person_id": np.where(person < 0, np.iinfo(np.int64).min, person),
            "household_id": np.where(person < 0, np.iinfo(np.int64).min, people.household[person]),
            "registered_on": stage.dates(records.day[rows]),
            "has_true_email": records.email[rows] == people.email[person],
        }
    )


def _attrition(stage: Stage) -> Iterator[pa.Table]:
    today = stage.dates(np.array([stage.day]))
    for who in _come(stage):
        leaving = stage.state.leaving[who]
        has_left = leaving <= stage.day
        yield _table(
            {
                "person_id": who,
                "as_of_date": np.repeat(today, len(who)),
                "leaves_on": stage.dates(leaving),
                "has_left": has_left,
                "last_purchase_day_count": stage.day - stage.state.last_purchase[who],
                "purchase_probability_28": purchase_probability(stage, who, 28),
                "purchase_probability_56": purchase_probability(stage, who, 56),
                "country": Text(town_countries(), stage.people.town[who]),
            }
        )


def _appetence(stage: Stage) -> Iterator[pa.Table]:
    shelf = stage.catalogue
    for who in _come(stage):
        share = stage.behaviour.taste(stage.view(who), stage.moment, shelf)
        soon = purchase_probability(stage, who, 28)
        count = len(shelf.categories)
        category = np.tile(np.arange(count), len(who))
        yield _table(
            {
                "person_id": np.repeat(who, count),
                "category": Text(Words(shelf.categories), category),
                "taste_share": share.ravel(),
                "first_line_probability_28": (share * soon[:, None]).ravel(),
            }
        )


def _by_channel(stage: Stage) -> Iterator[pa.Table]:
    for who in _come(stage):
        response = stage.tempers.response[who]
        place = np.tile(np.arange(len(CHANNELS)), len(who))
        effects = []
        for channel in range(len(CHANNELS)):
            view = stage.view(who)
            effect = stage.behaviour.effect(view, channel, np.zeros(len(who), np.int64))
            effects.append(effect * stage.behaviour.reading(view, channel))
        expected = np.column_stack(effects)
        best = np.argmax(expected, axis=1)
        yield _table(
            {
                "person_id": np.repeat(who, len(CHANNELS)),
                "channel": Text(Words(CHANNELS), place),
                "response": response.ravel().astype(np.float64),
                "expected_effect": expected.ravel(),
                "is_preferred": place == np.repeat(best, len(CHANNELS)),
                "is_opted_in": stage.state.opted[who].ravel(),
            }
        )


def _by_offer(stage: Stage) -> Iterator[pa.Table]:
    for who in _come(stage):
        factor = stage.tempers.incentive[who]
        place = np.tile(np.arange(len(OFFERS)), len(who))
        best = np.repeat(np.argmax(factor, axis=1), len(OFFERS))
        yield _table(
            {
                "person_id": np.repeat(who, len(OFFERS)),
                "offer": Text(Words(OFFERS), place),
                "factor": factor.ravel().astype(np.float64),
                "is_preferred": place == best,
            }
        )


def _tempers(stage: Stage) -> Iterator[pa.Table]:
    for who in _come(stage):
        nature = stage.tempers.of(who)
        yield _table(
            {
                "person_id": who,
                "household_id": stage.people.household[who],
                "kind": Text(Words(TYPES), nature.kind),
                "rhythm_days": (1 / nature.rate).astype(np.float64),
                "price_sensitivity": nature.price_sensitivity.astype(np.float64),
                "web_share": nature.web_share.astype(np.float64),
                "fatigue": stage.state.memory.get("fatigue", np.zeros(stage.people.count))[who],
                "city": Text(Words([t.city for t in towns()]), stage.people.town[who]),
            }
        )


def _table(columns: dict[str, Value]) -> pa.Table:
    arrays = {}
    for name, value in columns.items():
        kind = pa.string() if isinstance(value, Text | Key) else pa.array(value[:0]).type  # type: ignore[index]
        arrays[name] = render(value, kind, rows_of(value) or 0)
    return pa.table(arrays)


def _write_pieces(pieces: Iterator[pa.Table], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    first = next(pieces)
    with pq.ParquetWriter(partial, first.schema) as writer:
        writer.write_table(first)
        for piece in pieces:
            writer.write_table(piece)
    partial.rename(path)


def _write(table: pa.Table, path: Path) -> None:
    _write_pieces(iter([table]), path)
