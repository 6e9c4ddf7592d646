"""Files that a system sends one delivery too late, or a second time."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

Counts = dict[str, dict[str, int]]


class Later:
    """The files that wait in HOME/demo/later/<system>/<delivery>/ for the delivery after."""

    def __init__(self, home: Path, system: str) -> None:
        self.root = home / "demo" / "later" / system

    def keep(self, folder: Path, stem: str, file: tuple[dict[str, Any], str, str]) -> None:
        """Take a file back out of the folder; file is its manifest entry, its entity and kind."""
        entry, entity, kind = file
        waiting = self.root / stem
        waiting.mkdir(parents=True, exist_ok=True)
        (folder / entry["name"]).rename(waiting / entry["name"])
        note = {"entry": entry, "entity": entity, "kind": kind}
        (waiting / f"{entry['name']}.note").write_text(json.dumps(note), encoding="utf-8")

    def release(self, folder: Path, stem: str, counts: Counts) -> list[dict[str, Any]]:
        """Move what earlier deliveries kept into the folder; manifest entries, and the counts."""
        entries = []
        for note in sorted(self.root.glob("*/*.note")):
            if note.parent.name >= stem:
                continue
            found = json.loads(note.read_text(encoding="utf-8"))
            name = found["entry"]["name"]
            waiting = note.parent / name
            if waiting.exists():  # not so when a release was interrupted
                waiting.rename(folder / name)
            entries.append(found["entry"])
            counts[found["entity"]][found["kind"]] += found["entry"]["rows"]
        return entries

    def forget(self, stem: str) -> None:
        """Drop the notes of what was released: the delivery that holds it is complete."""
        for waiting in self.root.glob("*"):
            if waiting.name < stem:
                shutil.rmtree(waiting)
