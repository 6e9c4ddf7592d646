"""What becomes of a scored pair: accepted, shown to somebody (review), or kept only (below).

Members of a family share an address, a telephone and an e-mail address, and a model that weighs
these finds them alike. Hence a pair is accepted only where something tells the person from the
family: two first names that do not contradict each other, or the birth date, or a number that is
one person's.
"""

from __future__ import annotations

ACCEPT_PROBABILITY = 0.9
REVIEW_PROBABILITY = 0.6
PROBABILITY = "1 / (1 + pow(2, -match_weight))"


def status_sql(accept: float = ACCEPT_PROBABILITY, review: float = REVIEW_PROBABILITY) -> str:
    """SQL for the status of a row of linking.scored."""
    tells_person = "has_first_names or birth_weight > 0 or identifier_weight > 0"
    # Without a name there is nothing to look at: an address alone is for the rules to judge.
    is_readable = f"last_name_weight > 0 or {tells_person}"
    return f"""
        case
            when first_name_weight < 0 and birth_weight <= 0 then 'below'
            when {PROBABILITY} >= {accept} and first_name_weight >= 0 and ({tells_person})
                then 'accepted'
            when {PROBABILITY} >= {review} and ({is_readable}) then 'review'
            else 'below'
        end
    """
