"""What people chose to get, as it arrives."""

from __future__ import annotations

from quality.report import Suite, not_null, unique

SUITE = Suite(
    door="raw",
    table="raw_files.preference_updates",
    personal=frozenset({"customer_key", "email", "source_key"}),
    load_column="load_id",
    expectations=[
        *not_null(
            "preference_update_key",
            "kind",
            "name",
            "value",
            "occurred_at",
            "source_system",
            "known_at",
            "loaded_at",
            "load_id",
        ),
        unique("source_system", "source_key"),
    ],
)
