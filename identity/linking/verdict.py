"""What becomes of a scored pair: accepted, shown to somebody (review), or kept only (below).

Members of a family share an address, a telephone and an e-mail address, and a model that weighs
these finds them alike. Hence, wherever first names are typed with care (`care.py`), two
different ones are two persons (twins share all the rest), and a pair is accepted only if something
tells the person from the family: two first names, the birth date, or a number of the person's own.
Where first names are too careless to tell anybody apart, the weights decide alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from identity.linking.score import NAMES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from identity.linking.model import Model

ACCEPT_PROBABILITY = 0.9
REVIEW_PROBABILITY = 0.6
PROBABILITY = "1 / (1 + pow(2, -match_weight))"


@dataclass(frozen=True)
class Thresholds:
    """From which probability a pair is accepted, and from which it is shown to somebody."""

    accept: float = ACCEPT_PROBABILITY
    review: float = REVIEW_PROBABILITY


def judge(con: DuckDBPyConnection, model: Model, thresholds: Thresholds | None = None) -> None:
    """Rewrites linking.links: the scored pairs with probability, status and evidence.

    evidence: `<comparison>:<weight>` of each comparison that says something, parted by |.
    """
    evidence = ", ".join(
        f"case when {name}_weight <> 0 then '{name}:' || {name}_weight end" for name in NAMES
    )
    con.execute(
        f"""
        create or replace table linking.links as
        select
            record_id, other_record_id, round({PROBABILITY}, 6) as match_probability,
            match_weight, {_status(model, thresholds or Thresholds())} as status,
            null::varchar as decided_by, concat_ws('|', {evidence}) as evidence
        from linking.scored
        """
    )


def _status(model: Model, thresholds: Thresholds) -> str:
    tells_person = "has_first_names or birth_weight > 0 or identifier_weight > 0"
    # Without a name there is nothing to look at: an address alone is for the rules to judge.
    is_readable = f"last_name_weight > 0 or {tells_person}"
    guard = f"({tells_person})" if model.is_careful else "true"
    return f"""
        case
            when {model.is_careful} and has_other_first_name
                then case
                    when {PROBABILITY} >= {thresholds.accept} and birth_weight > 0 then 'review'
                    else 'below'
                end
            when {PROBABILITY} >= {thresholds.accept} and {guard} and ({is_readable})
                then 'accepted'
            when {PROBABILITY} >= {thresholds.review} and ({is_readable}) then 'review'
            else 'below'
        end
    """
