"""Which landed files are to be loaded now: whole, and with a content not loaded yet."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import duckdb

from contract.entity import Entity
from ingestion import bookkeeping
from ingestion.bookkeeping import Seen
from ingestion.feed import Declaration
from ingestion.landed_files import LandedFile, Pending, if_settled, landed_files, sha256_of
from ingestion.place import Place


def files_of(
    entity: Entity, declarations: Iterable[Declaration], place: Place, now: datetime
) -> list[LandedFile]:
    """The landed files that feed the entity, in order of delivery; now is naive UTC."""
    feeding = [
        replace(declaration, feeds=feeds)
        for declaration in declarations
        if (feeds := tuple(feed for feed in declaration.feeds if feed.entity == entity.name))
    ]
    return [
        if_settled(file, now)
        for file in landed_files(place.landing, feeding)
        if place.month is None or file.feed.month_of(file.name) in {None, place.month}
    ]


def pending_files(
    con: duckdb.DuckDBPyConnection, entity: Entity, files: list[LandedFile], notices: list[str]
) -> list[Pending]:
    """The files to load; notices receives why another one is not.

    A file whose declaration changed since is loaded again, in place of what it brought before.
    """
    finder = _Finder(con, entity, notices)
    found = [item for file in files if (item := finder.look_at(file)) is not None]
    bookkeeping.forget_loads(con, entity.name, finder.changed)
    return found


class _Finder:
    """Looks at one file after the other, remembering the contents met in this call."""

    def __init__(self, con: duckdb.DuckDBPyConnection, entity: Entity, notices: list[str]) -> None:
        self.con, self.entity, self.notices = con, entity, notices
        self.changed: list[str] = []
        self._seen: dict[str, Seen] = {}
        self._met: set[str] = set()

    def look_at(self, file: LandedFile) -> Pending | None:
        """The file as something to load, or None with a notice where the reason matters."""
        label = f"{file.feed.system}/{file.name}"
        if file.waits_for:
            self.notices.append(f"{label} waits for {file.waits_for}.")
            return None
        seen = self._seen_of(file.feed.system).get((file.feed.name, file.name))
        if seen is not None and (*seen[:2], seen[3]) == (
            file.byte_count,
            file.modified_ns,
            file.feed.digest,
        ):
            return None
        sha256 = sha256_of(file.path)
        if file.stated_sha256 is not None and sha256 != file.stated_sha256:
            self.notices.append(f"{label} waits for the content its manifest states.")
            return None
        return self._unless_known(file, sha256, label)

    def _unless_known(self, file: LandedFile, sha256: str, label: str) -> Pending | None:
        content_key = content_key_of(self.entity, file, sha256)
        load_id = load_id_of(file, content_key)
        digests = {
            digest
            for (feed, _), (*_, content, digest) in self._seen_of(file.feed.system).items()
            if feed == file.feed.name and content == content_key
        }
        if load_id in self._met or file.feed.digest in digests:
            self.notices.append(f"{label} holds what is already loaded.")
            bookkeeping.remember_file(self.con, file, content_key)
            return None
        if digests:
            self.notices.append(f"{label} is loaded again: its declaration changed.")
            self.changed.append(load_id)
        self._met.add(load_id)
        return Pending(file, sha256, content_key, load_id)

    def _seen_of(self, system: str) -> Seen:
        if system not in self._seen:
            self._seen[system] = bookkeeping.seen_files(self.con, self.entity.name, system)
        return self._seen[system]


def content_key_of(entity: Entity, file: LandedFile, sha256: str) -> str:
    """What makes two files the same: their bytes.

    A snapshot of what changes may return to older bytes; its manifest's time tells it apart.
    """
    if entity.changes == "versioned" and file.stated_by_manifest:
        return f"{sha256}@{file.delivery.delivered_at:%Y-%m-%dT%H:%M:%S}"
    return sha256


def load_id_of(file: LandedFile, content_key: str) -> str:
    """The load that a file of this content is."""
    what = f"{file.feed.entity}|{file.feed.system}|{file.feed.name}|{content_key}"
    return hashlib.sha256(what.encode()).hexdigest()[:16]
