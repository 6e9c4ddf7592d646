"""People who said no, as it arrives."""

from __future__ import annotations

from quality.report import Suite, not_null

SUITE = Suite(
    door="raw",
    table="raw_files.objections",
    personal=frozenset({"customer_key", "address", "source_key"}),
    load_column="load_id",
    expectations=[
        *not_null("source_system", "known_at", "loaded_at", "load_id"),
    ],
)
