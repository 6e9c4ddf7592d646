"""Invoices as they arrive."""

from __future__ import annotations

from quality.report import Suite, matches, not_null, unique

SUITE = Suite(
    door="raw",
    table="raw_files.invoices",
    personal=frozenset({"customer_key", "source_key"}),
    load_column="load_id",
    expectations=[
        *not_null(
            "invoice_key",
            "total_amount",
            "invoiced_at",
            "source_system",
            "known_at",
            "loaded_at",
            "load_id",
        ),
        unique("source_system", "source_key", "content_hash", "known_at"),
        matches("currency", r"[A-Z]{3}"),
    ],
)
