"""Scores before anybody relies on them: probabilities with reasons, one per subject."""

from __future__ import annotations

from quality.report import Condition, Suite, between, not_null, one_of, unique

USED: Condition = ("used", "==", True)
# ml explains everybody's attrition, and the likeliest tenth of each category's appetence.
EXPLAINED: tuple[Condition, ...] = (
    *(("score", "==", f"attrition_{name}") for name in ("28d", "56d", "own_rhythm")),
    ("percentile", ">", 0.9),
)

SUITE = Suite(
    door="scores",
    table="ml.scores",
    expectations=[
        *not_null("customer_id", "score", "subject", "probability", "model_version"),
        *not_null("used", "as_of_date"),
        unique("customer_id", "score", "subject"),
        one_of("score", "attrition_28d", "attrition_56d", "attrition_own_rhythm", "appetence"),
        between("probability", at_least=0, at_most=1),
        *(e for condition in EXPLAINED for e in not_null("reasons", when=[USED, condition])),
    ],
)
