"""Attrition: will an active customer buy nothing in the coming 56 days?"""

from __future__ import annotations

from ml.spec import ModelSpec, NaiveRule

MODEL = ModelSpec(
    name="attrition_56d",
    known_after_days=56,
    naive=NaiveRule("days_since_last_order", is_higher_likelier=True),
    rfm=("days_since_last_order", "purchase_day_count_84_days", "net_amount_84_days"),
    members=("logistic", "boosting", "forest"),
    is_risk=True,
    test_cut_offs=4,
    suspicious_auc=0.890,
)
