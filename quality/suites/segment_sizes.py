"""Sizes of segments: counted, explained, never below zero."""

from __future__ import annotations

from quality.report import Suite, between, not_null

SUITE = Suite(
    door="segments",
    table="segments.sizes",
    expectations=[
        *not_null("segment", "as_of_date", "member_count", "sentence_en", "sentence_fr"),
        between("member_count", at_least=0),
        between("entered_count", at_least=0),
        between("left_count", at_least=0),
    ],
)
