"""Answers to surveys and forms as they arrive."""

from __future__ import annotations

from quality.report import Expectation, Suite, between, not_null, unique

SUITE = Suite(
    door="raw",
    table="raw_files.survey_answers",
    personal=frozenset({"customer_key", "email", "source_key"}),
    load_column="load_id",
    expectations=[
        *not_null(
            "survey_answer_key",
            "survey_key",
            "kind",
            "answered_at",
            "source_system",
            "known_at",
            "loaded_at",
            "load_id",
        ),
        unique("source_system", "source_key"),
        between("score", 0, 10),
        Expectation("between", ("score",), at_least=1, at_most=5, when=(("kind", "==", "csat"),)),
    ],
)
