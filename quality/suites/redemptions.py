"""Coupons handed in at the till, as they arrive."""

from __future__ import annotations

from quality.report import Suite, not_null

SUITE = Suite(
    door="raw",
    table="raw_files.redemptions",
    personal=frozenset({"customer_key", "source_key"}),
    load_column="load_id",
    expectations=[
        *not_null("customer_key", "coupon_key", "redeemed_on", "source_system", "load_id"),
    ],
)
