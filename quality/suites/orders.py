"""Order headers as they arrive, where a system has them."""

from __future__ import annotations

from quality.report import Suite, not_null

SUITE = Suite(
    door="raw",
    table="raw_files.orders",
    personal=frozenset({"customer_key"}),
    load_column="load_id",
    expectations=[
        *not_null("order_key", "source_system", "known_at", "loaded_at", "load_id"),
    ],
)
