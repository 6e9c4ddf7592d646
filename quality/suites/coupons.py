"""The coupons of each campaign and the products they are good for."""

from __future__ import annotations

from quality.report import Suite, not_null

SUITE = Suite(
    door="raw",
    table="raw_files.coupons",
    load_column="load_id",
    expectations=[
        *not_null("coupon_key", "campaign_key", "product_key", "source_system", "load_id"),
    ],
)
