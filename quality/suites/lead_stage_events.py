"""Changes of stage of leads as they arrive."""

from __future__ import annotations

from quality.report import Suite, not_null, unique

SUITE = Suite(
    door="raw",
    table="raw_files.lead_stage_events",
    personal=frozenset({"source_key"}),
    load_column="load_id",
    expectations=[
        *not_null(
            "lead_stage_event_key",
            "lead_key",
            "pipeline",
            "stage",
            "occurred_at",
            "source_system",
            "known_at",
            "loaded_at",
            "load_id",
        ),
        unique("source_system", "source_key"),
    ],
)
