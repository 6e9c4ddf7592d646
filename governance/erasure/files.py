"""People taken out of files that a run makes anew, of logs, and of lists that people write."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Collection, Iterable
from pathlib import Path

from contract.sql import quote
from governance.erasure.finder import Finder, stands_alone
from governance.erasure.scanner import Hit, scan, scan_file

_LINES = {".log", ".jsonl", ".err", ".out"}


def clean_folder(folder: Path, needles: Collection[str]) -> dict[str, object]:
    """Take the texts out of a folder of working files; evidence of what was looked at and done.

    A log loses the lines that hold one, a SQLite database the rows; any other file goes, for the
    next run makes it again.
    """
    if not folder.exists():
        return {"files": 0, "hits": 0}
    report = scan(folder, needles)
    finder = Finder(sorted(needles))
    for place in sorted(_found(report.hits)):
        _clean(folder / place, finder)
    return {"files": report.files, "tables": report.tables, "hits": len(_found(report.hits))}


def _found(hits: Iterable[Hit]) -> set[str]:
    return {hit.place for hit in hits if hit.number >= 0}


def _clean(path: Path, finder: Finder) -> None:
    with path.open("rb") as content:
        is_sqlite = content.read(15) == b"SQLite format 3"
    if is_sqlite:
        _clean_sqlite(path, finder)
    elif path.suffix in _LINES:
        _drop_lines(path, finder)
    else:
        path.unlink()


def _drop_lines(path: Path, finder: Finder) -> None:
    """Keep the other lines, in the same file: a process may be writing to it."""
    text = path.read_text(encoding="utf-8", errors="surrogateescape")
    lines = text.splitlines(keepends=True)
    named = finder.holding(lines)
    with path.open("r+", encoding="utf-8", errors="surrogateescape") as content:
        content.writelines(line for number, line in enumerate(lines) if number not in named)
        content.truncate()


def _clean_sqlite(path: Path, finder: Finder) -> None:
    con = sqlite3.connect(path)
    # SQLite's own lower() leaves every letter beyond ASCII as it is.
    con.create_function("is_named_in", 1, lambda cell: _is_in_cell(finder, cell))
    try:
        con.execute("pragma secure_delete = on")
        tables = con.execute("select name from sqlite_master where type = 'table'").fetchall()
        for (table,) in tables:
            columns = [row[1] for row in con.execute(f"pragma table_info({quote(table)})")]
            named = " or ".join(f"is_named_in({quote(column)})" for column in columns)
            con.execute(f"delete from {quote(table)} where {named}")
        con.commit()
        con.execute("vacuum")
        con.execute("pragma wal_checkpoint(truncate)")
    finally:
        con.close()


def _is_in_cell(finder: Finder, cell: object) -> bool:
    if isinstance(cell, bytes):
        lowered = cell.lower()
        return any(stands_alone(lowered, at, form) for _, at, form in finder.find(lowered))
    return isinstance(cell, str) and bool(finder.holding([cell]))


def clean_lists(
    folder: Path, needles: Collection[str], record_ids: Collection[str]
) -> dict[str, object]:
    """Take the person out of identity's lists: lines of a CSV go, a workbook is made again."""
    if not folder.exists():
        return {"files": 0, "hits": 0}
    finder = Finder(sorted(needles))
    dropped, files = 0, [path for path in sorted(folder.rglob("*")) if path.is_file()]
    for path in files:
        if not scan_file(path, {*needles, *record_ids}).hits:
            continue
        dropped += 1
        if path.suffix == ".csv":
            _drop_records(path, finder, record_ids)
        else:
            path.unlink()
    return {"files": len(files), "hits": dropped}


def _drop_records(path: Path, finder: Finder, record_ids: Collection[str]) -> None:
    """Keep the header and the rows of others, also where a key of theirs holds one of the texts."""
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for number, row in enumerate(rows):
        if number == 0 or not (finder.holding(row) or set(row) & set(record_ids)):
            writer.writerow(row)
    unfinished = path.with_name(f".{path.name}.part")
    unfinished.write_text(out.getvalue(), encoding="utf-8")
    unfinished.chmod(path.stat().st_mode & 0o777)
    unfinished.replace(path)
