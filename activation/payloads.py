"""What one row says: the columns its destination declares, and nothing else, reasons included."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from activation.columns import PERSON_MART, Column, Marts
from activation.destination import Destination
from contract.errors import ConfigError, did_you_mean
from contract.texts import Texts

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TEXTS = Texts.load(Path(__file__).parent / "payloads.texts.yml")
# Columns that are no mart's: they are built for the row. Text, but for `_KINDS`.
BUILT = tuple(key for key in TEXTS.keys() if not key.endswith("_description"))  # noqa: SIM118
# Every row of an e-mail campaign carries them; see docs/how-to/preference-centre.md.
LINKS = ("preferences_link", "unsubscribe_link")
_KINDS = {"score_probability": "number", "entered_on": "date", "is_new": "boolean"}
DEFAULT_SCORE = ("attrition_own_rhythm", "")
DOUBT = "do_not_personalise"
_ADDRESSED_BY = ("first_name",)


@dataclass(frozen=True)
class Score:
    """A person's score as exported: drivers by language; nothing when the model is not used."""

    name: str
    probability: float
    drivers: Mapping[str, str]


def mart_columns(name: str, destination: Destination, columns: Marts) -> tuple[str, ...]:
    """The columns of customer_360 that the destination declares.

    Raises ConfigError for a column that is neither built nor documented.
    """
    known = columns[PERSON_MART]
    wanted = tuple(one for one in destination.columns if one not in BUILT)
    for column in (*wanted, destination.identifier):
        if column not in known:
            hint = did_you_mean(column, [*known, *BUILT])
            where = f"activation/destinations/{name}.py"
            raise ConfigError(f"{where}: no column '{column}' in marts.{PERSON_MART}.{hint}")
    return tuple(dict.fromkeys([destination.identifier, *wanted]))


def payload_columns(destination: Destination, channel: str) -> tuple[str, ...]:
    """What a row says, in order: the identifier, what the destination declares, and in an e-mail
    campaign the person's links, whatever it declares.
    """
    links = LINKS if channel == "email" else ()
    return tuple(dict.fromkeys([destination.identifier, *destination.columns, *links]))


def hygiene_columns(channel: str, columns: Marts) -> tuple[str, ...]:
    """What planning needs to know of the person's details beside what the destination declares:
    whether the channel is dead, and whether the name is doubtful. None where the mart lacks them.
    """
    wanted = (unreachable_column(channel), DOUBT)
    return tuple(one for one in wanted if one in columns[PERSON_MART])


def unreachable_column(channel: str) -> str:
    """The column of customer_360 that says why a channel cannot reach the person."""
    return f"{channel}_unreachable_reason"


def as_addressed(values: Mapping[str, Any]) -> dict[str, Any]:
    """A person's values as they may be used to address them: no first name when it or the birth
    date is doubtful. The column do_not_personalise_reason says why to who receives it.
    """
    is_doubtful = bool(values.get(DOUBT))
    return {**values, **{name: None for name in _ADDRESSED_BY if is_doubtful and name in values}}


def describe(name: str, columns: Marts) -> Column:
    """Label, kind and meaning of a payload column, built or from the mart."""
    if name in columns[PERSON_MART]:
        return columns[PERSON_MART][name]
    kind = _KINDS.get(name, "text")
    privacy = "direct" if name in LINKS else "public"
    label = {lang: TEXTS(name, lang) for lang in ("en", "fr")}
    return Column(name, kind, label, TEXTS(f"{name}_description", "en"), privacy, "inferred")


def description(column: Column, lang: str) -> str:
    """What a column means, in that language: a column that is described in English only says
    its label in French.
    """
    if column.name in BUILT:
        return TEXTS(f"{column.name}_description", lang)
    if lang == "en":
        return column.description
    return column.description_fr or column.label[lang]


def load_scores(
    con: DuckDBPyConnection, score: str, subject: str, people: Sequence[str]
) -> dict[str, Score]:
    """Person → score with its reasons in words; empty while no used model has scored."""
    if not people:
        return {}
    exists = con.execute(
        "select 1 from information_schema.tables "
        "where table_schema = 'ml' and table_name = 'scores'"
    ).fetchone()
    if not exists:
        return {}
    rows = con.execute(
        "with used as (from ml.scores where score = ? and subject = ? and used) "
        "select customer_id, probability, reasons from used "
        "where as_of_date = (select max(as_of_date) from used) "
        "and customer_id in (select unnest(?::varchar[]))",
        [score, subject, list(people)],
    ).fetchall()
    name = f"{score}:{subject}" if subject else score
    return {
        customer_id: Score(name, probability, _drivers(reasons))
        for customer_id, probability, reasons in rows
    }


def _drivers(reasons: str | None) -> dict[str, str]:
    items = json.loads(reasons) if reasons else []
    return {lang: "; ".join(str(item[lang]) for item in items) for lang in ("en", "fr")}


def as_stored(values: Mapping[str, Any]) -> str:
    """A payload as JSON, in the order of the destination's columns; decimals and days as text."""
    return json.dumps(values, ensure_ascii=False, default=_plain, allow_nan=False)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"A payload cannot hold a {type(value).__name__}.")


def digest_of(values: Mapping[str, Any], watched: Iterable[str]) -> str:
    """What decides whether a row changed: SHA-256 of the watched values (none named: all).

    Of a link, only where it leads is watched, and always: a new token of the same person is no
    news for the destination, another address of the pages is.
    """
    names = (set(watched) or set(values)) - set(LINKS)
    shown = {name: values[name] for name in sorted(values) if name in names}
    led = {name: str(values[name]).rpartition("/")[0] for name in LINKS if name in values}
    return hashlib.sha256(as_stored(shown | led).encode()).hexdigest()
