"""A delivery of the make-believe drop: its files, then the manifest that says it is complete."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

SYSTEM = "complete_journey"
SHOP_TIME_ZONE = "America/New_York"


@dataclass(frozen=True)
class Delivery:
    """What one drop tells about: from the first day until the other, not included, shop time.

    cut names the company it belongs to, so that two of them never mix in one folder.
    """

    name: str
    first_day: date
    until: date
    cut: str

    def is_in(self, folder: Path) -> bool:
        """Whether its manifest is there. Raises ValueError when it is another company's."""
        manifest = folder / f"{self.name}.manifest.json"
        if not manifest.exists():
            return False
        found = json.loads(manifest.read_text(encoding="utf-8"))["cut"]
        if found != self.cut:
            raise ValueError(
                f"{folder} holds another cut ({found}) than asked ({self.cut}). Empty it first."
            )
        return True

    def complete(self, con: duckdb.DuckDBPyConnection, folder: Path, paths: list[Path]) -> Path:
        """Write the manifest over the files, last; its path."""
        content = {
            "system": SYSTEM,
            "delivered_at": _utc(self.until, time(6)),
            "is_history": True,
            "covers_from": _utc(self.first_day, time()),
            "covers_until": _utc(self.until, time()),
            "cut": self.cut,
            "files": [file_entry(path, _row_count(con, path)) for path in paths],
        }
        return write_manifest(folder / f"{self.name}.manifest.json", content)


def file_entry(path: Path, rows: int) -> dict[str, Any]:
    """What a manifest says of one file."""
    return {
        "name": path.name,
        "rows": rows,
        "bytes": path.stat().st_size,
        "sha256": _sha256(path),
    }


def write_manifest(manifest: Path, content: Mapping[str, Any]) -> Path:
    """Write a manifest at once or not at all; its path."""
    partial = manifest.with_suffix(".part")
    partial.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return partial.rename(manifest)


def utc_text(local: datetime, zone: tzinfo) -> str:
    """A wall-clock time of the zone as ISO text in UTC, to the second."""
    return local.replace(tzinfo=zone).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def of_month(month: str, cut: str) -> Delivery:
    """The delivery of one month, YYYY-MM."""
    start = date.fromisoformat(f"{month}-01")
    year, number = divmod(start.year * 12 + start.month, 12)
    return Delivery(month, start, date(year, number + 1, 1), cut)


def _row_count(con: duckdb.DuckDBPyConnection, path: Path) -> int:
    reader = "read_parquet" if path.suffix == ".parquet" else "read_csv"
    options = (
        "" if path.suffix == ".parquet" else ", delim = ';', header = true, all_varchar = true"
    )
    row = con.execute(f"select count(*) from {reader}('{path}'{options})").fetchone()
    return int(row[0]) if row else 0


def _sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _utc(day: date, local: time) -> str:
    return utc_text(datetime.combine(day, local), ZoneInfo(SHOP_TIME_ZONE))
