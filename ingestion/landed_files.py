"""The files that landed: which delivery each belongs to, and whether it is there in whole."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingestion.feed import Declaration, Feed

MANIFEST_SUFFIX = ".manifest.json"
# Column of a landed file: when a key that the source had taken out was found there again.
RESTORED_AT = "_restored_at"


@dataclass(frozen=True)
class Delivery:
    """What a manifest says of its files; a file without one is a delivery of its own.

    Times are naive UTC. is_history: a first delivery of the past, whose rows were known to the
    source when they happened. covers_from and covers_until bound the time it tells about.
    is_extracted: read by ingestion.extract; what it says was so when it was read.
    """

    name: str
    delivered_at: datetime
    is_history: bool = False
    covers_from: datetime | None = None
    covers_until: datetime | None = None
    is_extracted: bool = False


@dataclass(frozen=True)
class LandedFile:
    """One file of one feed. waits_for is the reason why it cannot be loaded yet, if any."""

    feed: Feed
    path: Path
    byte_count: int
    modified_ns: int
    delivery: Delivery
    stated_rows: int | None = None
    stated_sha256: str | None = None
    stated_by_manifest: bool = False
    waits_for: str | None = None

    @property
    def name(self) -> str:
        """Name as kept in the warehouse, without its folder."""
        return self.path.name


@dataclass(frozen=True)
class Pending:
    """A file to load: its SHA-256, what tells its content from others', the load it will be.

    load_id depends on table, feed and content only: the same file is the same load on a replay.
    """

    file: LandedFile
    sha256: str
    content_key: str
    load_id: str


def landed_files(landing: Path, declarations: Iterable[Declaration]) -> list[LandedFile]:
    """Every file that some feed claims, in the order of delivery; contents are not read."""
    found = [
        file
        for declaration in declarations
        for file in _of_system(landing / declaration.folder, declaration.feeds)
    ]
    # Within a delivery the keys that the source took out come after the rows it gave.
    return sorted(
        found,
        key=lambda file: (
            file.delivery.delivered_at,
            file.delivery.name,
            file.feed.deletes,
            file.name,
        ),
    )


def waiting_files(landing: Path, declarations: Iterable[Declaration]) -> list[LandedFile]:
    """The landed files that cannot be loaded yet; each says in waits_for what it waits for."""
    return [file for file in landed_files(landing, declarations) if file.waits_for]


def unclaimed_files(landing: Path, declaration: Declaration) -> list[str]:
    """Names of files in the system's folder that no pattern claims: a typing error, usually."""
    folder = landing / declaration.folder
    claimed = {path for feed in declaration.feeds for path in folder.glob(feed.glob)}
    return sorted(
        path.name
        for path in folder.glob("*")
        if path.is_file() and path not in claimed and not path.name.endswith(MANIFEST_SUFFIX)
    )


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def if_settled(file: LandedFile, now: datetime) -> LandedFile:
    """The same file, waiting when it has no manifest and is still being written, by its looks."""
    if file.waits_for or file.stated_by_manifest:
        return file
    if file.feed.reading.kind == "parquet" and not _has_footer(file.path):
        return replace(file, waits_for="its end: it has no Parquet footer yet")
    age = now.replace(tzinfo=UTC).timestamp() - file.modified_ns / 1e9
    if 0 <= age < file.feed.reading.settle_seconds:
        return replace(file, waits_for=f"its end: it changed {age:.0f} s ago")
    return file


def _has_footer(path: Path) -> bool:
    mark = b"PAR1"
    with path.open("rb") as content:
        content.seek(0, 2)
        content.seek(max(content.tell() - len(mark), 0))
        return content.read() == mark


def _of_system(folder: Path, feeds: tuple[Feed, ...]) -> Iterator[LandedFile]:
    stated = _stated_files(folder)
    for feed in feeds:
        for path in sorted(folder.glob(feed.glob)):
            if path.is_file():
                yield _landed(feed, path, stated.get(path.name))


def _landed(feed: Feed, path: Path, stated: tuple[Delivery, dict[str, Any]] | None) -> LandedFile:
    status = path.stat()
    modified = datetime.fromtimestamp(status.st_mtime, tz=UTC).replace(tzinfo=None)
    if stated is None:
        waits = "its manifest" if feed.needs_manifest else None
        delivery = Delivery(path.name, modified)
        return LandedFile(feed, path, status.st_size, status.st_mtime_ns, delivery, waits_for=waits)
    delivery, entry = stated
    size = entry.get("bytes")
    waits = None
    if size is not None and size != status.st_size:
        waits = f"its end: {status.st_size} bytes of the {size} its manifest states"
    return LandedFile(
        feed=feed,
        path=path,
        byte_count=status.st_size,
        modified_ns=status.st_mtime_ns,
        delivery=delivery,
        stated_rows=entry.get("rows"),
        stated_sha256=entry.get("sha256"),
        stated_by_manifest=True,
        waits_for=waits,
    )


def told_until(folder: Path) -> datetime | None:
    """Up to when the deliveries of a folder tell, as their manifests state; naive UTC."""
    found = (_manifest(path) for path in sorted(folder.glob(f"*{MANIFEST_SUFFIX}")))
    moments = [one[0].covers_until for one in found if one is not None]
    return max((moment for moment in moments if moment is not None), default=None)


def _stated_files(folder: Path) -> dict[str, tuple[Delivery, dict[str, Any]]]:
    """File name to its delivery and its entry."""
    stated: dict[str, tuple[Delivery, dict[str, Any]]] = {}
    for path in sorted(folder.glob(f"*{MANIFEST_SUFFIX}")):
        delivery, entries = _manifest(path) or (None, [])
        for entry in entries:
            if delivery is not None:
                is_history = bool(entry.get("is_history", delivery.is_history))
                stated[entry["name"]] = (replace(delivery, is_history=is_history), entry)
    return stated


def _manifest(path: Path) -> tuple[Delivery, list[dict[str, Any]]] | None:
    """What a manifest says; None while it is being written."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        entries = [dict(entry) for entry in content["files"]]
        if all("name" in entry for entry in entries):
            return _delivery(path, content), entries
    except (ValueError, KeyError, TypeError):
        pass
    return None


def _delivery(path: Path, content: dict[str, Any]) -> Delivery:
    return Delivery(
        name=path.name,
        delivered_at=_utc(content["delivered_at"]),
        is_history=bool(content.get("is_history", False)),
        covers_from=_utc(content["covers_from"]) if content.get("covers_from") else None,
        covers_until=_utc(content["covers_until"]) if content.get("covers_until") else None,
        is_extracted="cursors" in content,
    )


def _utc(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
