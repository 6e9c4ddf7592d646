"""Articles and videos that were seen, as they arrive."""

from __future__ import annotations

from quality.report import Suite, not_null

SUITE = Suite(
    door="raw",
    table="raw_files.content_views",
    personal=frozenset({"customer_key", "source_key"}),
    load_column="load_id",
    expectations=[
        *not_null("source_system", "known_at", "loaded_at", "load_id"),
    ],
)
