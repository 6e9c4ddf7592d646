"""Displays and mailers by product, store and week.

No key check: twenty million rows, and staging keeps one row per key.
"""

from __future__ import annotations

from quality.report import Suite, between, not_null

SUITE = Suite(
    door="raw",
    table="raw_files.promotions",
    load_column="load_id",
    expectations=[
        *not_null("product_key", "store_key", "week_number", "source_system", "load_id"),
        between("week_number", at_least=1, at_most=53),
    ],
)
