"""What people said about being contacted, as it arrives from every door."""

from __future__ import annotations

from quality.report import Suite, not_null, unique

SUITE = Suite(
    door="raw",
    table="raw_files.consent_events",
    personal=frozenset({"customer_key", "address", "proof", "source_key"}),
    load_column="load_id",
    expectations=[
        *not_null(
            "consent_event_key",
            "channel",
            "purpose",
            "act",
            "occurred_at",
            "source_system",
            "known_at",
            "loaded_at",
            "load_id",
        ),
        unique("source_system", "source_key"),
    ],
)
