"""After a landed file was written again: its manifest and the warehouse know it as it is now.

A note beside the file, written before it is replaced, lets a later call finish what a kill left.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from contract.crash_points import reach
from contract.entity import Entity
from contract.sql import transaction
from ingestion import bookkeeping
from ingestion.landed_files import MANIFEST_SUFFIX, LandedFile, sha256_of
from ingestion.pending import content_key_of, load_id_of
from ingestion.rewrite import Rewriting, rewrite

NOTE_SUFFIX = ".rewriting"


@dataclass(frozen=True)
class Library:
    """The entities, and the warehouse that has loaded the files; none for files never loaded."""

    entities: Mapping[str, Entity]
    warehouse: duckdb.DuckDBPyConnection | None


def unfinished_in(folder: Path) -> list[Path]:
    """The files below the folder whose rewriting a kill has interrupted."""
    return [
        note.with_name(note.name.removeprefix(".").removesuffix(NOTE_SUFFIX))
        for note in folder.rglob(f".*{NOTE_SUFFIX}")
    ]


def rewrite_landed(files: Sequence[LandedFile], rewriting: Rewriting, library: Library) -> None:
    """Write a landed file again in its place; files: the same path, once per feed."""
    path = files[0].path
    unfinished, rows = rewrite(path, files[0].feed.reading, rewriting)
    note = {"rows": rows, "sha256": sha256_of(unfinished)}
    _replace_text(_note_of(path), json.dumps(note))
    unfinished.replace(path)
    reach("scrub.file_replaced")
    finish(files, library)


def finish(files: Sequence[LandedFile], library: Library) -> None:
    """What is left to do once the file stands in its place, from its note; may be done again."""
    path = files[0].path
    note = json.loads(_note_of(path).read_text(encoding="utf-8"))
    # Another file stands there when it was never replaced, or has been delivered again since.
    if sha256_of(path) == note["sha256"]:
        if files[0].stated_by_manifest:
            _restate(path, note["rows"], note["sha256"])
        if library.warehouse is not None:
            for file in files:
                entity = library.entities[file.feed.entity]
                _remember(library.warehouse, file, entity, note["sha256"])
    _note_of(path).unlink()


def _note_of(path: Path) -> Path:
    return path.with_name(f".{path.name}{NOTE_SUFFIX}")


def _restate(path: Path, rows: int, sha256: str) -> None:
    """The manifest that names the file says how it is now."""
    for manifest in path.parent.glob(f"*{MANIFEST_SUFFIX}"):
        with suppress(ValueError, KeyError, TypeError):
            content = json.loads(manifest.read_text(encoding="utf-8"))
            mine = [entry for entry in content["files"] if entry["name"] == path.name]
            for entry in mine:
                facts = {"rows": rows, "bytes": path.stat().st_size, "sha256": sha256}
                entry.update({name: value for name, value in facts.items() if name in entry})
            if mine:
                mode = manifest.stat().st_mode & 0o777
                _replace_text(manifest, json.dumps(content, indent=1) + "\n", mode)


def _replace_text(path: Path, text: str, mode: int = 0o600) -> None:
    unfinished = path.with_name(f".{path.name}.part")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.chmod(mode)
    unfinished.replace(path)


def _remember(
    con: duckdb.DuckDBPyConnection, file: LandedFile, entity: Entity, sha256: str
) -> None:
    """The rewritten file is the one that was loaded: same rows, another digest, another load id."""
    seen = bookkeeping.seen_files(con, entity.name, file.feed.system)
    before = seen.get((file.feed.name, file.name))
    if before is None:
        return
    status = file.path.stat()
    now = replace(file, byte_count=status.st_size, modified_ns=status.st_mtime_ns)
    content_key = content_key_of(entity, now, sha256)
    old, new = load_id_of(file, before[2]), load_id_of(now, content_key)
    with transaction(con):
        for table in (f'raw_files."{entity.name}"', "quarantine.files", "raw_control.loads"):
            con.execute(f"update {table} set load_id = ? where load_id = ?", [new, old])
        con.execute("update raw_control.loads set sha256 = ? where load_id = ?", [sha256, new])
        bookkeeping.remember_file(con, now, content_key)
