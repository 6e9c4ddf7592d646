"""What earlier extractions of a system left in its landing folder: cursors, columns, files.

The manifests are the memory: a lost working folder loses nothing. A data file that no manifest
names was left by an extraction that was killed; it never counted, and is removed.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ingestion.landed_files import MANIFEST_SUFFIX

# Written anew each time a system was read and had nothing: one file, however often that is.
NOTHING_NEW = f"nothing-new{MANIFEST_SUFFIX}"
# Table → keyed hashes of keys whose rows are left out for ever: they are there, and not missing.
ERASED_KEYS = "erased-keys.json"
DELETED = "-deleted"
_NEVER = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_STAMP = "%Y%m%dT%H%M%S%f"
_STAMPED = re.compile(r"^(?P<table>.+?)(?P<deleted>-deleted)?-(?P<stamp>\d{8}T\d{12})\.parquet$")


@dataclass(frozen=True)
class State:
    """The newest manifest's memory, by table. Times are naive UTC.

    checked: up to when each table was read whole; columns: name to type, as last landed.
    """

    delivered_at: datetime
    cursors: Mapping[str, datetime] = field(default_factory=dict)
    checked: Mapping[str, datetime] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Landing:
    """The landing folder of one system that is read."""

    folder: Path

    def state(self) -> State:
        """The memory of the newest extraction; empty before the first."""
        contents = [_read(path) for path in [*self._manifests()[-1:], self.folder / NOTHING_NEW]]
        states = [_state(content) for content in contents if content is not None]
        return max(states, key=lambda state: state.delivered_at, default=State(_NEVER))

    def free_stamp(self, now: datetime) -> str:
        """The time as a part of file names, later than that of every extraction before."""
        taken = max((_stamp_of(path) for path in self._manifests()), default="")
        stamp = f"{now:{_STAMP}}"
        if stamp > taken:
            return stamp
        after = datetime.strptime(taken, _STAMP).replace(tzinfo=UTC) + timedelta(microseconds=1)
        return f"{after:{_STAMP}}"

    def forget_killed(self, tables: Iterable[str]) -> None:
        """Remove what an extraction left that did not come to its manifest."""
        known = {_stamp_of(path) for path in self._manifests()}
        names = set(tables)
        for path in self.folder.glob("*.parquet"):
            found = _STAMPED.match(path.name)
            if found and found["table"] in names and found["stamp"] not in known:
                path.unlink()
        for path in self.folder.glob(".*.part"):
            path.unlink()

    def files(self, table: str, *, deleted: bool = False) -> list[Path]:
        """The landed files of a table (rows, or keys taken out), oldest first."""
        mark = DELETED if deleted else ""
        found = self.folder.glob(f"{table}{mark}-[0-9]*.parquet")
        return sorted(
            path for path in found if (m := _STAMPED.match(path.name)) and m["table"] == table
        )

    def erased_keys(self, table: str) -> set[str]:
        """Keyed hashes of the keys whose rows were taken out because a person was erased."""
        path = self.folder / ERASED_KEYS
        if not path.exists():
            return set()
        return set(json.loads(path.read_text(encoding="utf-8")).get(table, ()))

    def note_erased_keys(self, table: str, hashes: Iterable[str]) -> None:
        """Remember these, too."""
        path = self.folder / ERASED_KEYS
        known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        known[table] = sorted({*known.get(table, ()), *hashes})
        unfinished = self.folder / f".{ERASED_KEYS}.part"
        unfinished.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
        unfinished.replace(path)

    def files_reaching(self, table: str, since: datetime) -> list[Path]:
        """The files of a table that may hold rows whose cursor is at or after `since`."""
        reaching = []
        for path in reversed(self.files(table)):
            content = _read(self.folder / f"{_stamp_in(path)}{MANIFEST_SUFFIX}")
            cursor = _state(content).cursors.get(table) if content else None
            if cursor is not None and cursor < since:
                break
            reaching.append(path)
        return reaching

    def write_manifest(self, stamp: str, content: Mapping[str, Any]) -> None:
        """Put the manifest in its place by one rename; without files it is the one of no news."""
        name = f"{stamp}{MANIFEST_SUFFIX}" if content["files"] else NOTHING_NEW
        unfinished = self.folder / f".{name}.part"
        unfinished.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        unfinished.replace(self.folder / name)

    def _manifests(self) -> list[Path]:
        return sorted(self.folder.glob(f"[0-9]*T[0-9]*{MANIFEST_SUFFIX}"))


def entry_of(path: Path, row_count: int) -> dict[str, Any]:
    """What a manifest says of a file."""
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return {
        "name": path.name,
        "rows": row_count,
        "bytes": path.stat().st_size,
        "sha256": digest,
    }


def table_of(data_file: Path) -> str | None:
    """The table whose rows a landed file holds; None for keys taken out, or another file."""
    found = _STAMPED.match(data_file.name)
    return found["table"] if found and not found["deleted"] else None


def _stamp_of(manifest: Path) -> str:
    return manifest.name.removesuffix(MANIFEST_SUFFIX)


def _table_in(data_file: Path) -> str | None:
    found = _STAMPED.match(data_file.name)
    return found["table"] if found else None


def _stamp_in(data_file: Path) -> str:
    found = _STAMPED.match(data_file.name)
    return found["stamp"] if found else ""


def _read(path: Path) -> dict[str, Any] | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) and "cursors" in content else None


def _state(content: Mapping[str, Any]) -> State:
    return State(
        delivered_at=_time(content["delivered_at"]),
        cursors={name: _time(text) for name, text in content["cursors"].items()},
        checked={name: _time(text) for name, text in content.get("checked", {}).items()},
        columns=content.get("columns", {}),
    )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)


def written(moment: datetime) -> str:
    """A naive UTC time as manifests write it."""
    return f"{moment.isoformat()}Z"
