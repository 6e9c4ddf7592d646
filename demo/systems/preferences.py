"""The preference centre's journal: consents with their proof, choices, requests to be forgotten."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from demo.systems.documents import Document, Documents, as_text, facts_of, recorded_at

if TYPE_CHECKING:
    from demo.world.facts import Facts, Period

SYSTEM = "preferences"
# Kind of event → (entity, its key, its time).
EVENTS = {
    "consent": ("consent_events", "consent_event_key", "occurred_at"),
    "preference": ("preference_updates", "preference_update_key", "occurred_at"),
    "erasure": ("erasure_requests", "erasure_request_key", "requested_at"),
}
_TRUTH = {"system", "person_id"}


class Preferences:
    """The centre's events, in HOME/demo/systems/preferences.db, in the order of their writing."""

    def __init__(self, home: Path) -> None:
        self.store = Documents(home / "demo" / "systems" / "preferences.db")

    def record(self, facts: Facts, period: Period) -> None:
        """Keep the events of the period; a period recorded before changes nothing."""
        found: dict[str, list[Document]] = {}
        for kind, (entity, key, happened_at) in EVENTS.items():
            rows = sorted(
                facts_of(facts, entity, SYSTEM), key=lambda row: (row[happened_at], row[key])
            )
            found[kind] = [
                Document(row[key], recorded_at(row[happened_at], period), _event(kind, row, key))
                for row in rows
            ]
        self.store.record(period, found)

    def close(self) -> None:
        """Nothing stays open."""


def _event(kind: str, row: dict[str, Any], key: str) -> dict[str, Any]:
    """The event as the centre writes it: who, what, when, in one object."""
    told = {name: as_text(value) for name, value in row.items() if name not in _TRUTH | {key}}
    at = told.pop("occurred_at", None) or told.pop("requested_at", None)
    person = {name: told.pop(name, None) for name in ("customer_key", "email", "address")}
    return {"id": row[key], "type": kind, "at": at, "person": person, "choice": told}
