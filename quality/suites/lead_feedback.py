"""What sales report on leads, as it arrives."""

from __future__ import annotations

from quality.report import Suite, not_null, unique

SUITE = Suite(
    door="raw",
    table="raw_files.lead_feedback",
    personal=frozenset({"source_key"}),
    load_column="load_id",
    expectations=[
        *not_null(
            "lead_feedback_key",
            "lead_key",
            "reported_at",
            "source_system",
            "known_at",
            "loaded_at",
            "load_id",
        ),
        unique("source_system", "source_key"),
    ],
)
