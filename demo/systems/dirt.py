"""What the recorders spoiled on purpose, counted, so that a grader can compare it with the loading.

The counts stand in HOME/demo/truth/dirt.json: `kinds` has the total of each kind, `planted` the
same by system, delivery and entity. A delivery recorded again replaces its own counts.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# Kind to what a sound loading makes of each such row: refused, dropped as known, or kept.
KINDS = {
    "broken_line": "quarantined",
    "total_line": "quarantined",
    "unreadable_value": "quarantined",
    "repeated_row": "duplicate",
    "resent_row": "duplicate",
    "late_row": "loaded",
    "held_row": "waiting",  # of those, late_row and resent_row have come since
    "out_of_order": "loaded",
    "mojibake": "loaded",
}

Counts = Mapping[str, Mapping[str, int]]


class DirtLog:
    """The counts of one make-believe company."""

    def __init__(self, home: Path) -> None:
        self.path = home / "demo" / "truth" / "dirt.json"

    def put(self, system: str, delivery: str, counts: Counts) -> None:
        """Set the counts of one delivery, by entity and kind.

        Raises KeyError for a kind that KINDS does not explain.
        """
        kept = {
            entity: {kind: n for kind, n in sorted(kinds.items()) if n and KINDS[kind]}
            for entity, kinds in sorted(counts.items())
        }
        kept = {entity: kinds for entity, kinds in kept.items() if kinds}
        planted = self._read()
        if planted.get(system, {}).get(delivery, {}) == kept:
            return
        planted.setdefault(system, {})[delivery] = kept
        self._write(planted)

    def planted(self, system: str, entity: str) -> dict[str, int]:
        """Rows of each kind that one system planted into one entity so far."""
        found: Counter[str] = Counter()
        for delivery in self._read().get(system, {}).values():
            found.update(delivery.get(entity, {}))
        return dict(found)

    def expected(self, system: str, entity: str, outcome: str) -> int:
        """How many planted rows a sound loading gives this outcome (see KINDS)."""
        planted = self.planted(system, entity)
        return sum(n for kind, n in planted.items() if KINDS[kind] == outcome)

    def _read(self) -> dict[str, Any]:
        if not self.path.exists():
            return {}
        found: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))["planted"]
        return found

    def _write(self, planted: dict[str, Any]) -> None:
        kinds: Counter[str] = Counter()
        for deliveries in planted.values():
            for entities in deliveries.values():
                for counts in entities.values():
                    kinds.update(counts)
        content = {"kinds": dict(sorted(kinds.items())), "planted": planted}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        partial = self.path.with_suffix(".part")
        partial.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        partial.rename(self.path)
