"""People taken out of files that a run makes anew, of logs, and of lists that people write."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Collection, Iterable
from pathlib import Path

from contract.sql import quote
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
    for place in sorted({hit.place for hit in report.hits if hit.number >= 0}):
        _clean(folder / place, needles)
    return {"files": report.files, "tables": report.tables, "hits": len(_found(report.hits))}


def _found(hits: Iterable[Hit]) -> set[str]:
    return {hit.place for hit in hits if hit.number >= 0}


def _clean(path: Path, needles: Collection[str]) -> None:
    with path.open("rb") as content:
        is_sqlite = content.read(15) == b"SQLite format 3"
    if is_sqlite:
        _clean_sqlite(path, needles)
    elif path.suffix in _LINES:
        _drop_lines(path, needles)
    else:
        path.unlink()


def _drop_lines(path: Path, needles: Collection[str]) -> None:
    """Keep the other lines, in the same file: a process may be writing to it."""
    text = path.read_text(encoding="utf-8", errors="surrogateescape")
    kept = [
        line
        for line in text.splitlines(keepends=True)
        if not any(needle in line.lower() for needle in needles)
    ]
    with path.open("r+", encoding="utf-8", errors="surrogateescape") as content:
        content.write("".join(kept))
        content.truncate()


def _clean_sqlite(path: Path, needles: Collection[str]) -> None:
    con = sqlite3.connect(path)
    try:
        con.execute("pragma secure_delete = on")
        tables = con.execute("select name from sqlite_master where type = 'table'").fetchall()
        for (table,) in tables:
            columns = [row[1] for row in con.execute(f"pragma table_info({quote(table)})")]
            for column in columns:
                for needle in needles:
                    con.execute(
                        f"delete from {quote(table)}"
                        f" where instr(lower(cast({quote(column)} as text)), ?) > 0",
                        [needle],
                    )
        con.commit()
        con.execute("vacuum")
        con.execute("pragma wal_checkpoint(truncate)")
    finally:
        con.close()


def clean_lists(
    folder: Path, needles: Collection[str], record_ids: Collection[str]
) -> dict[str, object]:
    """Take the person out of identity's lists: lines of a CSV go, a workbook is made again."""
    if not folder.exists():
        return {"files": 0, "hits": 0}
    dropped, files = 0, [path for path in sorted(folder.rglob("*")) if path.is_file()]
    for path in files:
        if not scan_file(path, {*needles, *record_ids}).hits:
            continue
        dropped += 1
        if path.suffix == ".csv":
            _drop_records(path, needles, record_ids)
        else:
            path.unlink()
    return {"files": len(files), "hits": dropped}


def _drop_records(path: Path, needles: Collection[str], record_ids: Collection[str]) -> None:
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for number, row in enumerate(rows):
        is_about = any(n in cell.lower() for cell in row for n in needles)
        if number == 0 or not (is_about or set(row) & set(record_ids)):
            writer.writerow(row)
    unfinished = path.with_name(f".{path.name}.part")
    unfinished.write_text(out.getvalue(), encoding="utf-8")
    unfinished.chmod(path.stat().st_mode & 0o777)
    unfinished.replace(path)
