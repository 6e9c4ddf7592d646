"""Prices of a contact as they arrive."""

from __future__ import annotations

from quality.report import Suite, between, not_null, unique

SUITE = Suite(
    door="raw",
    table="raw_files.contact_costs",
    personal=frozenset({"source_key"}),
    load_column="load_id",
    expectations=[
        *not_null(
            "contact_cost_key",
            "channel",
            "valid_from_on",
            "source_system",
            "known_at",
            "loaded_at",
            "load_id",
        ),
        unique("source_system", "source_key", "content_hash", "known_at"),
        between("unit_cost_amount", 0),
    ],
)
