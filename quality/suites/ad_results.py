"""What advertising cost and brought, by campaign and day, as it arrives."""

from __future__ import annotations

from quality.report import Suite, between, not_null, unique

SUITE = Suite(
    door="raw",
    table="raw_files.ad_results",
    personal=frozenset({"source_key"}),
    load_column="load_id",
    expectations=[
        *not_null(
            "platform",
            "campaign_key",
            "day_on",
            "source_system",
            "known_at",
            "loaded_at",
            "load_id",
        ),
        unique("source_system", "source_key", "content_hash", "known_at"),
        between("click_count", 0),
        between("impression_count", 0),
        between("spend_amount", 0),
    ],
)
