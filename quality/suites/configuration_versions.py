"""Saved versions of configurations as they arrive."""

from __future__ import annotations

from quality.report import Suite, between, not_null, unique

SUITE = Suite(
    door="raw",
    table="raw_files.configuration_versions",
    personal=frozenset({"customer_key", "email", "source_key"}),
    load_column="load_id",
    expectations=[
        *not_null(
            "configuration_key",
            "version_number",
            "saved_at",
            "source_system",
            "known_at",
            "loaded_at",
            "load_id",
        ),
        unique("source_system", "source_key"),
        between("version_number", 1),
    ],
)
