"""Who was contacted by which campaign, as it arrives."""

from __future__ import annotations

from quality.report import Suite, not_null

SUITE = Suite(
    door="raw",
    table="raw_files.campaign_contacts",
    personal=frozenset({"customer_key", "source_key"}),
    load_column="load_id",
    expectations=[
        *not_null("campaign_key", "customer_key", "source_system", "known_at", "load_id"),
    ],
)
