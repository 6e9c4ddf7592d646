"""The retailer's campaigns as they arrive."""

from __future__ import annotations

from quality.report import Suite, not_null, unique

SUITE = Suite(
    door="raw",
    table="raw_files.campaigns",
    load_column="load_id",
    expectations=[
        *not_null("campaign_key", "starts_on", "source_system", "known_at", "load_id"),
        unique("source_system", "source_key", "content_hash", "known_at"),
    ],
)
