"""Events of web sites as they arrive."""

from __future__ import annotations

from quality.report import Suite, between, not_null, unique

SUITE = Suite(
    door="raw",
    table="raw_files.web_events",
    personal=frozenset({"customer_key", "page_url", "source_key"}),
    load_column="load_id",
    expectations=[
        *not_null(
            "web_event_key",
            "event_type",
            "occurred_at",
            "source_system",
            "known_at",
            "loaded_at",
            "load_id",
        ),
        unique("source_system", "source_key"),
        between("watched_share", 0, 1),
    ],
)
