"""Business customers as they arrive."""

from __future__ import annotations

from quality.report import Suite, matches, not_null, unique

SUITE = Suite(
    door="raw",
    table="raw_files.companies",
    personal=frozenset({"company_name", "registration_number", "source_key"}),
    load_column="load_id",
    expectations=[
        *not_null("company_key", "source_system", "known_at", "loaded_at", "load_id"),
        unique("source_system", "source_key", "content_hash", "known_at"),
        matches("country", r"[A-Z]{2}"),
    ],
)
