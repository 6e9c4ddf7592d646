"""Where and when coupons may be used, as it arrives."""

from __future__ import annotations

from quality.report import Suite, between, not_null, unique

SUITE = Suite(
    door="raw",
    table="raw_files.coupon_rules",
    personal=frozenset({"source_key"}),
    load_column="load_id",
    expectations=[
        *not_null(
            "coupon_key",
            "store_key",
            "channel",
            "discount_kind",
            "valid_from_on",
            "valid_until_on",
            "source_system",
            "known_at",
            "loaded_at",
            "load_id",
        ),
        unique("source_system", "source_key", "content_hash", "known_at"),
        between("discount_value", 0),
    ],
)
