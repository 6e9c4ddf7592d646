"""Carts and checkouts as they arrive."""

from __future__ import annotations

from quality.report import Suite, between, matches, not_null, one_of, unique

SUITE = Suite(
    door="raw",
    table="raw_files.carts",
    personal=frozenset({"customer_key", "email", "cart_url", "source_key"}),
    load_column="load_id",
    expectations=[
        *not_null("cart_key", "created_at", "source_system", "known_at", "loaded_at", "load_id"),
        unique("source_system", "source_key", "content_hash", "known_at"),
        one_of("status", "open", "converted"),
        between("item_count", 0),
        matches("currency", r"[A-Z]{3}"),
    ],
)
