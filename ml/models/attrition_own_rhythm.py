"""Attrition in the customer's own rhythm: will the silence last three times the usual gap?

The horizon is three times the customer's own mean gap, at least 14 and at most 56 days.
"""

from __future__ import annotations

from ml.spec import ModelSpec, NaiveRule

MODEL = ModelSpec(
    name="attrition_own_rhythm",
    known_after_days=56,
    naive=NaiveRule("days_since_last_order", is_higher_likelier=True),
    rfm=("days_since_last_order", "purchase_day_count_84_days", "net_amount_84_days"),
    members=("logistic", "boosting", "forest"),
    is_risk=True,
    test_cut_offs=4,
    suspicious_auc=0.830,
)
