"""The linkage model: trained without labels once, kept as JSON, read every day.

* *u*, how often two records of different persons agree: equal values are counted over all pairs,
  graded levels over a seeded random sample. Both count true pairs, too; what these explain is taken
  off again, which matters where nearly all equal values are one person's (telephone numbers).
* *m*, how often two records of one person agree: expectation maximisation (Splink) on the pairs of
  each training block; a comparison is left out where the block is made of its own column.
* A level that the training never met says neither for nor against (its weight is 0).

The file holds probabilities and SQL, no value of any person.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from identity.linking.care import is_careful
from identity.linking.comparisons import comparisons

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Pairs of records that are mostly one person's, by what they share: the comparisons of the other
# columns learn from them.
TRAINING_BLOCKS = (
    ("email",),
    ("phone",),
    ("first_name", "last_name"),
    ("birth",),
    ("address", "postal_code"),
    ("identifier",),
)
# Where the first level of a comparison is the equality of columns, it is counted over all pairs.
EQUAL_COLUMNS = {
    "first_name": ("first_name",),
    "last_name": ("last_name",),
    "email": ("email",),
    "phone": ("phone",),
    "home": ("address", "postal_code"),
    "identifier": ("identifier",),
}
SAMPLED_PAIRS = 200_000
MAX_TRAINING_PAIRS = 60_000
MIN_TRAINING_PAIRS = 40  # fewer pairs in a block teach nothing
MIN_RECORDS = 100
FORMAT = 2


@dataclass(frozen=True)
class Model:
    """A trained model: Splink's settings, and on how many records it was trained.

    is_careful: whether first names are typed with care, so that two of them are two persons.
    """

    settings: dict[str, Any]
    record_count: int
    is_careful: bool

    @property
    def prior(self) -> float:
        """Probability that two records drawn at random are one person."""
        return float(self.settings["probability_two_random_records_match"])

    def weight(self, comparison: str, label: str) -> float:
        """Weight (log2 of how many times likelier) of a level, by the names in `comparisons.py`."""
        (level,) = (
            level
            for one in self.settings["comparisons"]
            if one["output_column_name"] == comparison
            for level in one["comparison_levels"]
            if level["label_for_charts"] == label
        )
        return math.log2(level["m_probability"] / level["u_probability"])

    def with_prior(self, prior: float) -> Model:
        """The same model with another prior."""
        settings = {**self.settings, "probability_two_random_records_match": prior}
        return replace(self, settings=settings)

    def save(self, path: Path) -> None:
        """Writes the model, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        body = {"format": FORMAT, **asdict(self)}
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps(body, indent=1, sort_keys=True))
        partial.replace(path)


def read_model(path: Path) -> Model | None:
    """The saved model; None where there is none or its comparisons are not today's."""
    if not path.exists():
        return None
    body = json.loads(path.read_text())
    if body.get("format") != FORMAT or _conditions(body["settings"]) != _conditions(
        {"comparisons": comparisons()}
    ):
        return None
    return Model(body["settings"], int(body["record_count"]), bool(body["is_careful"]))


def train(con: DuckDBPyConnection, seed: int) -> Model | None:
    """The model of linking.rows; None where too few records agree to learn from."""
    (record_count,) = con.execute("select count(*) from linking.rows").fetchall()[0]
    blocks = _training_blocks(con)
    if record_count < MIN_RECORDS or not blocks:
        return None
    with quiet():
        settings = _estimated(con, seed, blocks)
    prior = float(settings["probability_two_random_records_match"])
    equal = _equal_pairs(con)
    match_count = prior * record_count * (record_count - 1) / 2
    for comparison in settings["comparisons"]:
        _settle(comparison, prior, match_count, equal.get(comparison["output_column_name"]))
    return Model(settings, record_count, is_careful(con))


@contextmanager
def quiet() -> Iterator[None]:
    """Keeps what Splink has to say about levels that it did not meet out of the logs."""
    logger = logging.getLogger("splink")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


def open_linker(con: DuckDBPyConnection, settings: dict[str, Any]) -> Any:
    """A Splink linker over linking.rows; its tables go where the connection's `use` points."""
    from splink import DuckDBAPI, Linker

    api = DuckDBAPI(con)
    return Linker(api.register("rows", dataset_display_name="records"), settings, log_level=None)


def base_settings() -> dict[str, Any]:
    """Splink's settings before training; the pairs are ours (`blocking.py`), hence no rules."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "row_number",
        "comparisons": comparisons(),
        "blocking_rules_to_generate_predictions": [],
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": True,
    }


def _estimated(con: DuckDBPyConnection, seed: int, blocks: list[tuple[str, ...]]) -> dict[str, Any]:
    linker = open_linker(
        con, {**base_settings(), "probability_two_random_records_match": _guess(con)}
    )
    linker.training.estimate_u_using_random_sampling(
        max_pairs=SAMPLED_PAIRS, seed=seed, min_count_per_level=None, num_chunks=1
    )
    for columns in blocks:
        rule = " and ".join(f"l.{column} = r.{column}" for column in columns)
        try:
            linker.training.estimate_parameters_using_expectation_maximisation(
                rule, estimate_without_term_frequencies=True, max_pairs=MAX_TRAINING_PAIRS
            )
        except ValueError:
            # Splink refuses a level whose probability sinks to 0 among the pairs of a block, and
            # its linker is then left half changed: anew, without the block.
            return _estimated(con, seed, [one for one in blocks if one != columns])
    settings: dict[str, Any] = linker.misc.save_model_to_json()
    return {name: value for name, value in settings.items() if name != "linker_uid"}


def _training_blocks(con: DuckDBPyConnection) -> list[tuple[str, ...]]:
    """The training blocks with enough pairs."""
    counts = {columns: _pair_count(con, columns)[0] for columns in TRAINING_BLOCKS}
    return [columns for columns, count in counts.items() if count >= MIN_TRAINING_PAIRS]


def _pair_count(con: DuckDBPyConnection, columns: tuple[str, ...]) -> tuple[float, float]:
    """Pairs that agree in all the columns, and pairs that could (both records have them)."""
    present = " and ".join(f"{column} is not null" for column in columns)
    (row,) = con.execute(
        f"""
        select coalesce(sum(n * (n - 1) / 2), 0), coalesce(sum(n) * (sum(n) - 1) / 2, 0)
        from (
            select count(*)::double as n from linking.rows
            where {present} group by {", ".join(columns)}
        )
        """
    ).fetchall()
    return float(row[0]), float(row[1])


def _equal_pairs(con: DuckDBPyConnection) -> dict[str, tuple[float, float]]:
    return {name: _pair_count(con, columns) for name, columns in EQUAL_COLUMNS.items()}


def _guess(con: DuckDBPyConnection) -> float:
    """A first prior: of all pairs, those of one name that share a date, address or number, too."""
    (row,) = con.execute(
        """
        with pairs as (
            select l.row_number as one, r.row_number as other
            from linking.members as member
            inner join linking.members as twin
                on member.key = twin.key and member.row_number < twin.row_number
            inner join linking.rows as l on member.row_number = l.row_number
            inner join linking.rows as r on twin.row_number = r.row_number
            where
                member.rule = 'name' and (
                l.birth = r.birth or l.email = r.email or l.phone = r.phone
                or l.identifier = r.identifier or l.address = r.address)
        )
        select (select count(*) from pairs), (select count(*)::double from linking.rows)
        """
    ).fetchall()
    pairs, records = float(row[0]), float(row[1])
    return max(pairs, 1.0) / (records * (records - 1) / 2)


def _settle(
    comparison: dict[str, Any],
    prior: float,
    match_count: float,
    equal: tuple[float, float] | None,
) -> None:
    """Gives every level of a comparison an m and a u that the data bear out."""
    levels = [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]
    for place, level in enumerate(levels):
        u = _number(level.get("u_probability")) or 1 / SAMPLED_PAIRS
        sampled = float(SAMPLED_PAIRS)
        if place == 0 and equal and equal[1]:
            u, sampled = equal[0] / equal[1], equal[1]
        m = _number(level.get("m_probability"))  # absent where the training never met the level
        u = max(u, 1 / sampled)
        if m is not None:
            m = max(m, 1 / max(match_count, 1))
            # What is left after the true pairs, and two standard errors that the count leaves open.
            left = max(u - prior * m, 0) + 2 * math.sqrt(u / sampled)
            u = min(u, left)
        level["u_probability"] = _rounded(u)
        level["m_probability"] = _rounded(m if m is not None else u)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and value > 0 else None


def _rounded(value: float) -> float:
    """Six digits: the sums of a parallel query differ in the last ones."""
    return float(f"{value:.6g}")


def _conditions(settings: dict[str, Any]) -> list[str]:
    return [
        " ".join(str(level["sql_condition"]).split()) + str(level.get("tf_adjustment_column"))
        for comparison in settings["comparisons"]
        for level in comparison["comparison_levels"]
    ]
