"""Questions of customers as they arrive."""

from __future__ import annotations

from quality.report import Suite, not_null, unique

SUITE = Suite(
    door="raw",
    table="raw_files.questions",
    personal=frozenset({"customer_key", "email", "phone", "source_key"}),
    load_column="load_id",
    expectations=[
        *not_null(
            "question_key",
            "channel",
            "status",
            "asked_at",
            "source_system",
            "known_at",
            "loaded_at",
            "load_id",
        ),
        unique("source_system", "source_key", "content_hash", "known_at"),
    ],
)
