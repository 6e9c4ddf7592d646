"""Landed files without the people who were erased: rows go, or keep only what is about money."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path

import duckdb

from contract.entity import Entity
from contract.sql import literal, quote
from contract.suppression import Suppressions, identifying_columns, row_hash
from ingestion.classify import empty_delivered, fill
from ingestion.errors import ContractBroken, FileIncomplete, FileRefused
from ingestion.feed import Declaration, Feed
from ingestion.landed_files import LandedFile, landed_files
from ingestion.landed_state import Landing, table_of
from ingestion.rewrite import Rewriting, kept_paths, path_of
from ingestion.rewritten import Library, finish, rewrite_landed, unfinished_in
from ingestion.suppress import file_holds_forgotten, mark


@dataclass
class ScrubReport:
    """Landed files looked at; rows dropped and emptied; files removed because unreadable.

    blanked: rows of somebody else that lost a value of the person's.
    """

    files: int = 0
    rewritten: int = 0
    dropped: int = 0
    emptied: int = 0
    blanked: int = 0
    removed: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Landed:
    """The landing folder, and what its files mean.

    keys: (system, table) → key columns, of the systems that are read: which rows are left out must
    be known, or every extraction would take them for missing.
    """

    folder: Path
    declarations: Sequence[Declaration]
    entities: Mapping[str, Entity]
    keys: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=dict)


def scrub_landed(
    landed: Landed,
    suppressions: Suppressions,
    *,
    only: Collection[tuple[str, str]] | None = None,
    warehouse: duckdb.DuckDBPyConnection | None = None,
) -> ScrubReport:
    """Rewrite every landed file that names somebody erased; only: (system, file name) pairs.

    The warehouse, when given, knows the new files as those that it has loaded.
    """
    report = ScrubReport()
    if warehouse is not None:
        finish_rewrites(landed, warehouse)
    if not suppressions:
        return report
    found = landed_files(landed.folder, landed.declarations)
    found.sort(key=lambda file: str(file.path))
    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'")
        for path, group in groupby(found, key=lambda file: file.path):
            files = list(group)
            if only is None or (files[0].feed.system, path.name) in only:
                report.files += 1
                _scrub(con, files, (landed, suppressions), (report, warehouse))
    return report


def finish_rewrites(landed: Landed, warehouse: duckdb.DuckDBPyConnection) -> None:
    """Before anything is loaded: rewritten files that a kill left unknown become known."""
    left = set(unfinished_in(landed.folder))
    if not left:
        return
    found = [file for file in landed_files(landed.folder, landed.declarations) if file.path in left]
    found.sort(key=lambda file: str(file.path))
    for _, group in groupby(found, key=lambda file: file.path):
        finish(list(group), Library(landed.entities, warehouse))


def _scrub(
    con: duckdb.DuckDBPyConnection,
    files: list[LandedFile],
    of: tuple[Landed, Suppressions],
    into: tuple[ScrubReport, duckdb.DuckDBPyConnection | None],
) -> None:
    report, warehouse = into
    landed, suppressions = of
    path, entities = files[0].path, landed.entities
    found = _lines(con, files, entities, suppressions)
    if found is None:
        if file_holds_forgotten(path, suppressions):
            path.unlink()
            report.removed.append(f"{files[0].feed.system}/{path.name}")
        return
    if not found.named and not found.blanked:
        return
    feeds = [
        (file.feed, entities[file.feed.entity].direct_columns)
        for file in files
        if entities[file.feed.entity].when_erased == "empty"
    ]
    kept = kept_paths(feeds)
    rewriting = Rewriting(found.dropped, found.emptied, kept, found.blanked)
    _note_keys(con, path, rewriting.dropped, of)
    rewrite_landed(files, rewriting, Library(entities, warehouse))
    report.rewritten += 1
    report.dropped += len(rewriting.dropped)
    report.emptied += len(rewriting.emptied)
    report.blanked += len(rewriting.blanked)


def _note_keys(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    lines: Collection[int],
    of: tuple[Landed, Suppressions],
) -> None:
    """Before rows go: which they were, for the next extraction."""
    landed, suppressions = of
    system, table = path.parent.name, table_of(path)
    columns = landed.keys.get((system, table or ""))
    if table is None or not columns or not lines:
        return
    texts = ", ".join(f"cast({quote(name)} as varchar)" for name in columns)
    rows = con.execute(
        f"select {texts} from read_parquet({literal(str(path))}, file_row_number = true)"
        " where file_row_number + 1 in (select unnest(?))",
        [sorted(lines)],
    ).fetchall()
    hashes = [row_hash(system, table, row, suppressions.key) for row in rows]
    Landing(path.parent).note_erased_keys(table, hashes)


@dataclass
class Lines:
    """Lines of a file that name somebody erased, and those that some entity about money takes.

    mentioned: line of somebody else → paths of the person's values in it.
    """

    named: set[int] = field(default_factory=set)
    money: set[int] = field(default_factory=set)
    mentioned: dict[int, set[str]] = field(default_factory=dict)

    @property
    def dropped(self) -> set[int]:
        """Lines that go."""
        return self.named - self.money

    @property
    def emptied(self) -> set[int]:
        """Lines that keep what is about money."""
        return self.named & self.money

    @property
    def blanked(self) -> dict[int, set[str]]:
        """Lines that stay, without these values."""
        return {line: paths for line, paths in self.mentioned.items() if line not in self.named}


def _lines(
    con: duckdb.DuckDBPyConnection,
    files: list[LandedFile],
    entities: Mapping[str, Entity],
    suppressions: Suppressions,
) -> Lines | None:
    """Which lines name somebody erased.

    A feed that lacks a column leaves the others their part; None: no feed can read the file.
    """
    found, readable = Lines(), 0
    for file in files:
        entity = entities[file.feed.entity]
        is_money = entity.when_erased == "empty"
        if not is_money and not identifying_columns(entity):
            readable += 1
            continue
        looked_at = _telling(entity)
        empty_delivered(con, looked_at)
        try:
            fill(con, looked_at, 0, _read_for(looked_at, file))
        except (ContractBroken, FileRefused, FileIncomplete):
            continue
        readable += 1
        mark(con, looked_at, file, 0, suppressions)
        rows = con.execute("select distinct file_line from forgotten_rows").fetchall()
        found.named |= {line for (line,) in rows}
        _add_mentions(con, file.feed, found.mentioned)
        if is_money:
            whole = "select distinct file_line from delivered where problem is null"
            found.money |= {line for (line,) in con.execute(whole).fetchall()}
    return found if readable else None


def _add_mentions(
    con: duckdb.DuckDBPyConnection, feed: Feed, mentioned: dict[int, set[str]]
) -> None:
    """Where in the file the values stand that rows of others hold."""
    paths = {rule.name: {path_of(feed, name) for name in rule.columns_read} for rule in feed.rules}
    rows = con.execute("select distinct file_line, column_name from mentioning_rows").fetchall()
    for line, column in rows:
        if column:
            mentioned.setdefault(line, set()).update(paths[column])


def _telling(entity: Entity) -> Entity:
    """The entity with only what tells whose a row is and when it happened: the rest need not be
    cast to find a person.
    """
    wanted = {*identifying_columns(entity), *entity.key, entity.happened_at}
    columns = tuple(column for column in entity.columns if column.name in wanted)
    return replace(entity, columns=columns)


def _read_for(entity: Entity, file: LandedFile) -> LandedFile:
    """The file, of which only what fills these columns is read."""
    rules = tuple(rule for rule in file.feed.rules if rule.name in entity.column_names)
    return replace(file, feed=replace(file.feed, rules=rules))
