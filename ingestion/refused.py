"""Whole files that are refused: copied aside, and named in the quarantine with the reason."""

import shutil
from datetime import datetime
from pathlib import Path

import duckdb

from ingestion.errors import FileRefused
from ingestion.landed_files import Pending
from ingestion.reasons import REFUSED_FILE


def set_aside(
    con: duckdb.DuckDBPyConnection,
    item: Pending,
    why: FileRefused,
    folder: Path | None,
    now: datetime,
) -> None:
    """Add the file to `quarantined` as one row, and keep it under folder/<system>/.

    now is naive UTC. The copy is named after its content: the same file is kept once.
    """
    feed = item.file.feed
    con.execute(
        "insert into quarantined values (?, ?, ?, null, ?, ?, null, null, ?, ?)",
        [feed.entity, feed.system, item.file.name, REFUSED_FILE, str(why), item.load_id, now],
    )
    if folder is None:
        return
    kept = folder / feed.system / f"{item.sha256[:8]}-{item.file.name}"
    if kept.exists():
        return
    kept.parent.mkdir(parents=True, exist_ok=True)
    unfinished = kept.with_name(f".{kept.name}")
    shutil.copyfile(item.file.path, unfinished)
    unfinished.replace(kept)
