"""The rows that leave for one destination: the caller brings the frame."""

from __future__ import annotations

from quality.report import Suite, not_blank, not_null, unique

SUITE = Suite(
    door="segments",
    table="",
    expectations=[
        *not_null("customer_id", "reasons", "data_as_of"),
        *not_blank("reasons"),
        unique("customer_id"),
    ],
)
