"""The export of the survey tool: one line per answer to one question."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from demo.systems.files import Delivery, FileSystem, ParquetRows
from demo.systems.text_files import Lines, Rows, csv_lines

_ANSWER = {
    "answer_id": "survey_answer_key",
    "survey": "survey_key",
    "question_type": "kind",
    "question": "name",
    "score": "score",
    "answer": "value",
    "respondent_id": "customer_key",
    "respondent_email": "email",
    "order_ref": "order_key",
    "submitted_at": "iso(answered_at)",
}


class Surveys(FileSystem):
    """Satisfaction scores, declared attributes and interests."""

    system = folder = "surveys"
    entities = ("survey_answers",)

    def files(
        self, con: duckdb.DuckDBPyConnection, delivery: Delivery
    ) -> Iterator[Lines | ParquetRows]:
        """The answers of the period."""
        rows = Rows("survey_answers", "survey_answer_key", "answered_at")
        yield self.spoiled(csv_lines(f"answers-{delivery.stem}.csv", rows, _ANSWER, ","))
