"""Appetence: will a customer buy a category in 28 days that they have not bought for 28 days?

One model for all categories: what a category is to its customers is in its features, so that rare
categories learn from the common ones.
"""

from __future__ import annotations

from ml.spec import ModelSpec, NaiveRule

MODEL = ModelSpec(
    name="appetence",
    known_after_days=28,
    naive=NaiveRule("days_since_last_category_order", is_higher_likelier=False),
    rfm=(
        "days_since_last_order",
        "purchase_day_count_84_days",
        "net_amount_84_days",
        "days_since_last_category_order",
        "category_day_count_182_days",
        "category_amount_share_84_days",
    ),
    members=("logistic", "boosting"),
    is_risk=False,
    features=(
        "days_since_last_order",
        "purchase_day_count_7_days",
        "purchase_day_count_28_days",
        "purchase_day_count_84_days",
        "net_amount_28_days",
        "net_amount_84_days",
        "line_count_28_days",
        "line_count_84_days",
        "purchase_day_rate",
        "net_amount_rate",
        "mean_gap_days",
        "silence_to_mean_gap_ratio",
        "longer_gap_share",
        "purchase_trend_ratio",
        "net_amount_trend_ratio",
        "decayed_purchase_count_14_days",
        "decayed_purchase_count_42_days",
        "mean_order_amount_84_days",
        "mean_line_count_84_days",
        "category_count_84_days",
        "category_count_28_days",
        "department_count_84_days",
        "private_label_share_84_days",
        "retail_discount_share_84_days",
        "coupon_order_share_84_days",
        "weekend_share",
        "store_count_84_days",
    ),
    has_subject=True,
    training_cut_offs=3,
    max_rows=80_000,
    boosting_leaves=15,
    boosting_rate=0.06,
    boosting_iterations=150,
    suspicious_auc=0.80,
)
