"""Prices and costs as they arrive."""

from __future__ import annotations

from quality.report import Suite, between, matches, not_null, unique

SUITE = Suite(
    door="raw",
    table="raw_files.product_prices",
    personal=frozenset({"source_key"}),
    load_column="load_id",
    expectations=[
        *not_null(
            "product_key", "valid_from_on", "source_system", "known_at", "loaded_at", "load_id"
        ),
        unique("source_system", "source_key", "content_hash", "known_at"),
        between("price_amount", 0),
        between("cost_amount", 0),
        matches("currency", r"[A-Z]{3}"),
    ],
)
