"""Calls, visits, mentions and other contacts as they arrive."""

from __future__ import annotations

from quality.report import Suite, between, not_null, one_of, unique

SUITE = Suite(
    door="raw",
    table="raw_files.interactions",
    personal=frozenset({"customer_key", "email", "phone", "handle", "source_key"}),
    load_column="load_id",
    expectations=[
        *not_null(
            "interaction_key",
            "direction",
            "channel",
            "kind",
            "occurred_at",
            "source_system",
            "known_at",
            "loaded_at",
            "load_id",
        ),
        unique("source_system", "source_key", "content_hash", "known_at"),
        one_of("direction", "inbound", "outbound"),
        between("duration_seconds", 0),
    ],
)
