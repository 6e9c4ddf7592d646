"""Stock by store and day as it arrives."""

from __future__ import annotations

from quality.report import Suite, not_null, unique

SUITE = Suite(
    door="raw",
    table="raw_files.stock_levels",
    personal=frozenset({"source_key"}),
    load_column="load_id",
    expectations=[
        *not_null(
            "product_key",
            "store_key",
            "stock_on",
            "source_system",
            "known_at",
            "loaded_at",
            "load_id",
        ),
        unique("source_system", "source_key", "content_hash", "known_at"),
    ],
)
