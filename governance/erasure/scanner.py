"""Looks for texts in every file and table below a folder, packed or not; says where they are."""

from __future__ import annotations

import gzip
import io
import sqlite3
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

from contract.sql import literal, quote
from governance.erasure.finder import Finder, stands_alone

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

CHUNK_BYTES = 16 * 2**20
ROWS = 50_000  # of a table that are looked through at once
NESTING = 3  # an archive in an archive in an archive
_SQLITE, _PARQUET, _ZIP, _GZIP = b"SQLite format 3\0", b"PAR1", b"PK\x03\x04", b"\x1f\x8b"
_DUCKDB, _DUCKDB_AT = b"DUCK", 8
_NO_TEXT = ("BIGINT", "INTEGER", "DOUBLE", "BOOLEAN", "DATE", "TIMESTAMP", "DECIMAL", "UBIGINT")


@dataclass(frozen=True)
class Hit:
    """One place that holds one of the texts. place: file, below the folder; where: table, column.

    The text itself is not repeated: number is its position among those looked for, sorted.
    """

    place: str
    where: str
    number: int


@dataclass
class ScanReport:
    """Files and tables that were looked through, and what was found."""

    files: int = 0
    tables: int = 0
    bytes: int = 0
    hits: list[Hit] = field(default_factory=list)

    def places(self) -> list[str]:
        """Where something was found, once each."""
        return sorted({f"{hit.place} {hit.where}".strip() for hit in self.hits})

    def as_evidence(self) -> dict[str, object]:
        """Plain values for a certificate."""
        found = {"files": self.files, "tables": self.tables, "bytes": self.bytes}
        return {**found, "hits": len(self.hits), "places": self.places()}


def scan(folder: Path, texts: Iterable[str], *, skip: Collection[str] = ()) -> ScanReport:
    """Look for the texts, whatever their case, in UTF-8, UTF-16 and Latin-1.

    skip: names of files and folders directly below the folder that are not looked through. No
    other process may have a database below it open for writing.
    """
    scanner = _Scanner(folder, sorted({text.lower() for text in texts if text}))
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if inside.parts[0] in skip or path.is_symlink() or not path.is_file():
            continue
        scanner.look_at(path)
    return scanner.report


def scan_file(path: Path, texts: Iterable[str]) -> ScanReport:
    """The same for one file."""
    scanner = _Scanner(path.parent, sorted({text.lower() for text in texts if text}))
    scanner.look_at(path)
    return scanner.report


class _Scanner:
    def __init__(self, folder: Path, texts: list[str]) -> None:
        self.folder, self.report = folder, ScanReport()
        self.finder = Finder(texts)

    def look_at(self, path: Path) -> None:
        """The file's cells, where it has some, its bytes, and what they unpack to."""
        place = str(path.relative_to(self.folder))
        self.report.files += 1
        self.report.bytes += path.stat().st_size
        with path.open("rb") as content:
            head = content.read(16)
            content.seek(0)
            kinds = (
                (head.startswith(_SQLITE), self._sqlite),
                (head.startswith(_PARQUET), self._parquet),
                (head[_DUCKDB_AT:].startswith(_DUCKDB), self._duckdb),
            )
            read = next((read for is_kind, read in kinds if is_kind), None)
            if read is None:
                self._bytes(place, "", content, is_bounded=True)
            else:
                # What the cells hold as a part of another word, the bytes hold as well.
                self._bytes(place, "bytes", content, innocent=read(path, place))
        if head.startswith((_ZIP, _GZIP)):
            self._packed(place, "", path.read_bytes(), NESTING)

    def _note(self, place: str, where: str, number: int) -> None:
        hit = Hit(place, where, number)
        if hit not in self.report.hits:
            self.report.hits.append(hit)

    def _bytes(
        self,
        place: str,
        where: str,
        content: IO[bytes],
        *,
        is_bounded: bool = False,
        innocent: Collection[int] = (),
    ) -> None:
        kept = b""
        while chunk := content.read(CHUNK_BYTES):
            lowered = kept + chunk.lower()
            for number, at, form in self.finder.find(lowered):
                if number not in innocent and (not is_bounded or stands_alone(lowered, at, form)):
                    self._note(place, where, number)
            kept = lowered[-self.finder.longest :]

    def _packed(self, place: str, where: str, raw: bytes, depth: int) -> None:
        for name, content in _members(raw) if depth else ():
            inner = f"{where}/{name}"
            self._bytes(place, inner, io.BytesIO(content), is_bounded=True)
            if content.startswith((_ZIP, _GZIP)):
                self._packed(place, inner, content, depth - 1)

    def _sqlite(self, path: Path, place: str) -> set[int]:
        innocent: set[int] = set()
        con = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
        try:
            tables = con.execute("select name from sqlite_master where type = 'table'").fetchall()
            for (table,) in tables:
                self.report.tables += 1
                cursor = con.execute(f"select * from {quote(table)}")
                while rows := cursor.fetchmany(ROWS):
                    cells = [cell for row in rows for cell in row]
                    texts = [cell for cell in cells if isinstance(cell, str)]
                    innocent |= self._cells(place, table, texts)
                    for cell in cells:
                        if isinstance(cell, bytes):
                            self._bytes(place, table, io.BytesIO(cell), is_bounded=True)
                            self._packed(place, table, cell, NESTING)
        finally:
            con.close()
        return innocent

    def _cells(self, place: str, where: str, cells: Sequence[str]) -> set[int]:
        """Note the hits; the texts that stand only within longer words of other people."""
        innocent = set()
        for _, number, is_alone in self.finder.stands_in(cells):
            if is_alone:
                self._note(place, where, number)
            else:
                innocent.add(number)
        return innocent

    def _parquet(self, path: Path, place: str) -> set[int]:
        import duckdb

        with duckdb.connect() as con:
            try:
                return self._relation(con, place, "", f"read_parquet({literal(str(path))})")
            except duckdb.Error as error:
                return self._unreadable(place, error)

    def _duckdb(self, path: Path, place: str) -> set[int]:
        import duckdb

        innocent: set[int] = set()
        with duckdb.connect() as con:
            try:
                con.execute(f"attach {literal(str(path))} as looked_at (read_only)")
            except duckdb.Error as error:
                return self._unreadable(place, error)
            tables = con.execute(
                "select schema_name, table_name from duckdb_tables()"
                " where database_name = 'looked_at' order by all"
            ).fetchall()
            for schema, table in tables:
                relation = f"looked_at.{quote(schema)}.{quote(table)}"
                innocent |= self._relation(con, place, f"{schema}.{table}", relation)
        return innocent

    def _relation(self, con: DuckDBPyConnection, place: str, where: str, relation: str) -> set[int]:
        """The cells of every column that may hold a text; a value that repeats is read once."""
        self.report.tables += 1
        innocent: set[int] = set()
        described = con.execute(f"describe from {relation}").fetchall()
        for name, kind, *_ in described:
            if kind.startswith(_NO_TEXT):
                continue
            text = f"cast({quote(name)} as varchar)"
            cursor = con.execute(f"select distinct {text} from {relation} where {text} is not null")
            while rows := cursor.fetchmany(ROWS):
                at = f"{where}.{name}".strip(".")
                innocent |= self._cells(place, at, [row[0] for row in rows])
        return innocent

    def _unreadable(self, place: str, error: Exception) -> set[int]:
        """What cannot be opened was looked at as bytes only; a scan must say so."""
        self._note(place, f"not readable: {type(error).__name__}", -1)
        return set()


def _members(raw: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        if raw.startswith(_GZIP):
            yield "gzip", gzip.decompress(raw)
        else:
            with zipfile.ZipFile(io.BytesIO(raw)) as archive:
                for name in archive.namelist():
                    yield name, archive.read(name)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError):
        return
