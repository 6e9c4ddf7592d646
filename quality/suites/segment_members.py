"""Members of segments before they leave: a person once per segment, with reasons."""

from __future__ import annotations

from quality.report import Suite, not_blank, not_null, unique

SUITE = Suite(
    door="segments",
    table="segments.members",
    expectations=[
        *not_null("segment", "customer_id", "entered_on", "reasons_en", "reasons_fr"),
        *not_blank("reasons_en", "reasons_fr"),
        unique("segment", "customer_id"),
    ],
)
