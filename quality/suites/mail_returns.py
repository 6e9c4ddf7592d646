"""Letters that came back, as they arrive."""

from __future__ import annotations

from quality.report import Suite, not_null, unique

SUITE = Suite(
    door="raw",
    table="raw_files.mail_returns",
    personal=frozenset({"customer_key", "source_key"}),
    load_column="load_id",
    expectations=[
        *not_null(
            "mail_return_key", "returned_at", "source_system", "known_at", "loaded_at", "load_id"
        ),
        unique("source_system", "source_key"),
    ],
)
