"""Requests to be forgotten, as they arrive."""

from __future__ import annotations

from quality.report import Suite, not_null, unique

SUITE = Suite(
    door="raw",
    table="raw_files.erasure_requests",
    personal=frozenset({"customer_key", "email", "source_key"}),
    load_column="load_id",
    expectations=[
        *not_null(
            "erasure_request_key",
            "requested_at",
            "source_system",
            "known_at",
            "loaded_at",
            "load_id",
        ),
        unique("source_system", "source_key"),
    ],
)
