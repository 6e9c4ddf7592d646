"""Events of e-mails and text messages as they arrive."""

from __future__ import annotations

from quality.report import Suite, not_null, unique

SUITE = Suite(
    door="raw",
    table="raw_files.message_events",
    personal=frozenset({"customer_key", "address", "source_key"}),
    load_column="load_id",
    expectations=[
        *not_null(
            "message_event_key",
            "message_key",
            "channel",
            "event_type",
            "occurred_at",
            "source_system",
            "known_at",
            "loaded_at",
            "load_id",
        ),
        unique("source_system", "source_key"),
    ],
)
