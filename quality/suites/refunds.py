"""Goods and money given back, as it arrives."""

from __future__ import annotations

from quality.report import Suite, between, matches, not_null, unique

SUITE = Suite(
    door="raw",
    table="raw_files.refunds",
    personal=frozenset({"customer_key", "source_key"}),
    load_column="load_id",
    expectations=[
        *not_null(
            "refund_key",
            "order_key",
            "refund_kind",
            "amount",
            "refunded_at",
            "source_system",
            "known_at",
            "loaded_at",
            "load_id",
        ),
        unique("source_system", "source_key"),
        between("amount", 0),
        matches("currency", r"[A-Z]{3}"),
    ],
)
