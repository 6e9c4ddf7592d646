"""Publish the warehouse: build a new folder, check it, and switch the readers by one rename.

Readers follow `$HOME/published`, a symbolic link to one folder of `$HOME/publications`. A folder is
never changed once linked; a connection therefore sees one version, and the last three stay on disk.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import duckdb

from contract.crash_points import reach
from contract.sql import literal
from governance.publishing.build import (
    NAMED,
    PUBLIC,
    Plan,
    Stamp,
    prepare_people,
    write_dictionary,
    write_meta,
    write_parquet,
    write_tables,
)
from governance.publishing.contents import (
    WAREHOUSE,
    data_through,
    digest_contents,
    list_contents,
)
from governance.publishing.documents import TableDocument, require_documented
from governance.publishing.verify import verify

LINK = "published"
FOLDER = "publications"
BUILDING = ".building-"
KEPT = 3


@dataclass(frozen=True)
class PublicationReport:
    """What readers see now. rows: rows by table; empty when nothing was rewritten."""

    run_id: str
    folder: Path
    is_unchanged: bool
    customer_count: int
    rows: Mapping[str, int]

    def as_metadata(self) -> dict[str, object]:
        """Plain values for a run's log; no counts of what was not written."""
        said: dict[str, object] = {"publication": self.run_id, "unchanged": self.is_unchanged}
        if self.is_unchanged:
            return said
        return said | {
            "customers": self.customer_count,
            "tables": len(self.rows),
            "rows": sum(self.rows.values()),
        }


def publish(
    warehouse: Path, home: Path, stamp: Stamp, documents: Mapping[str, TableDocument]
) -> PublicationReport:
    """Publish the warehouse for readers below `home`, unless nothing changed since last time.

    Raises ConfigError for an undescribed column and PublicationError when the written files
    break a promise; in both cases the current publication stays.
    """
    publications = home / FOLDER
    publications.mkdir(parents=True, exist_ok=True)
    _forget_unfinished(publications)
    with duckdb.connect(config=dict(stamp.duckdb_config)) as con:
        con.execute(f"attach {literal(str(warehouse))} as {WAREHOUSE} (read_only)")
        contents = list_contents(con)
        require_documented(documents, {table.name: table.columns for table in contents})
        plan = Plan(contents, documents)
        shape = [stamp.product_version, sha256(stamp.pseudonym_key).hexdigest(), str(documents)]
        digest = digest_contents(con, contents, *shape)
        current = current_publication(home)
        if current and read_meta(current).get("content_digest") == digest:
            return PublicationReport(current.name, current, True, 0, {})
        name = _free_name(publications, stamp.run_id, current)
        folder = publications / (BUILDING + name)
        customers, rows = _build(con, folder, plan, stamp, digest)
    final = publications / name
    folder.rename(final)
    reach("publish.before_rename")
    switch(home, final)
    reach("publish.after_rename")
    _forget_old(publications, final)
    return PublicationReport(name, final, False, customers, rows)


def _build(
    con: duckdb.DuckDBPyConnection, folder: Path, plan: Plan, stamp: Stamp, digest: str
) -> tuple[int, dict[str, int]]:
    # The folder is closed to others until the named file has its own mode.
    folder.mkdir(mode=0o700)
    for database in (PUBLIC, NAMED):
        con.execute(f"attach {literal(f'{folder / database}.duckdb')} as {database}")
    customers = prepare_people(con, plan, stamp.pseudonym_key)
    rows = write_tables(con, plan)
    write_dictionary(con, plan)
    write_meta(con, stamp, data_through(con, plan.contents), digest)
    write_parquet(con, plan, folder / "parquet")
    verify(con, plan, folder)
    for database in (PUBLIC, NAMED):
        con.execute(f"detach {database}")
    (folder / f"{NAMED}.duckdb").chmod(0o600)
    (folder / f"{PUBLIC}.duckdb").chmod(0o644)
    folder.chmod(0o755)
    return customers, rows


def current_publication(home: Path) -> Path | None:
    """The folder that readers see now; None before the first publication."""
    link = home / LINK
    return link.resolve() if link.is_symlink() and link.exists() else None


def read_meta(folder: Path) -> dict[str, object]:
    """The row of the `meta` table of a published folder, by column."""
    with duckdb.connect(str(folder.resolve() / f"{PUBLIC}.duckdb"), read_only=True) as con:
        cursor = con.execute("select * from meta")
        names = [column[0] for column in cursor.description or []]
        return dict(zip(names, cursor.fetchone() or (), strict=False))


def switch(home: Path, folder: Path) -> None:
    """Point `$HOME/published` at `folder` by one rename: a reader finds the old or the new one."""
    temporary = home / f".{LINK}.switching"
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(folder.relative_to(home))
    temporary.replace(home / LINK)


def _free_name(publications: Path, run_id: str, current: Path | None) -> str:
    """The run's name, numbered when readers saw it already; a folder nobody saw goes."""
    name, attempt = run_id, 1
    while current is not None and _was_shown(publications / name, current):
        attempt += 1
        name = f"{run_id}-{attempt}"
    shutil.rmtree(publications / name, ignore_errors=True)
    return name


def _was_shown(folder: Path, current: Path) -> bool:
    return folder.exists() and folder.stat().st_mtime_ns <= current.stat().st_mtime_ns


def _forget_unfinished(publications: Path) -> None:
    for folder in publications.glob(BUILDING + "*"):
        shutil.rmtree(folder)


def keep_only_current(home: Path) -> int:
    """Remove every other version, finished or not; how many. Open files survive their removal."""
    current = current_publication(home)
    folders = [one for one in (home / FOLDER).glob("*") if one.is_dir() and one != current]
    for folder in folders:
        shutil.rmtree(folder)
    return len(folders)


def _forget_old(publications: Path, current: Path) -> None:
    """Keep the current folder and the newest before it; open files survive their removal."""
    folders = [f for f in publications.iterdir() if f.is_dir() and f != current]
    folders.sort(key=lambda folder: folder.stat().st_mtime, reverse=True)
    for folder in folders[KEPT - 1 :]:
        shutil.rmtree(folder)
