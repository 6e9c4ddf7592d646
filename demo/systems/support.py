"""The help desk's questions."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from demo.systems.documents import Document, Documents, as_text, facts_of, recorded_at

if TYPE_CHECKING:
    from demo.world.facts import Facts, Period

SYSTEM = "support"


class Support:
    """The help desk's records, in HOME/demo/systems/support.db."""

    def __init__(self, home: Path) -> None:
        self.store = Documents(home / "demo" / "systems" / "support.db")

    def record(self, facts: Facts, period: Period) -> None:
        """Keep the questions of the period; a period recorded before changes nothing."""
        if self.store.has(period):
            return
        rows = facts_of(facts, "questions", SYSTEM)
        known = self.store.by_key("questions", [row["question_key"] for row in rows])
        found = [
            Document(
                key=row["question_key"],
                changed_at=recorded_at(_last_happened(row, known), period),
                body={
                    "requester": {
                        "customer_id": row["customer_key"],
                        "email": row["email"],
                        "phone": row["phone"],
                    },
                    "channel": row["channel"],
                    "topic": row["topic"],
                    "status": row["status"],
                    "order_id": row["order_key"],
                    "asked_at": as_text(row["asked_at"]),
                    "answered_at": as_text(row["answered_at"]),
                },
            )
            for row in rows
        ]
        self.store.record(period, {"questions": found})

    def close(self) -> None:
        """Nothing stays open."""


def _last_happened(row: dict[str, Any], known: dict[str, Document]) -> datetime | None:
    """When it was answered, else asked; None when the desk changed a question it had."""
    answered_at: datetime | None = row["answered_at"]
    if answered_at is None and row["question_key"] not in known:
        answered_at = row["asked_at"]
    return answered_at
