"""What each row of a delivery is: new, a duplicate, or refused; set-based, in DuckDB.

The rows of one delivery are judged together, against the raw table and against what earlier
deliveries of the same call bring; keys that the source took out come after the rows it gave. New
rows go to one Parquet file per delivery.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from contract.entity import Entity
from contract.sql import literal, quote
from contract.suppression import Suppressions
from ingestion.judged_sql import (
    CERTAIN,
    DELETED,
    DOUBTFUL,
    ROW,
    judged_deletes_sql,
    judged_sql,
    last_contents_sql,
    quarantine_judged_sql,
)
from ingestion.landed_files import LandedFile
from ingestion.row_checks import (
    checks_of,
    content_hash_sql,
    is_certain_sql,
    known_at_sql,
    source_key_sql,
    typed_rows_sql,
)
from ingestion.source_rows import close_source, open_source
from ingestion.suppress import Suppressed, suppress

_OF_EVERY_ROW = """
    file_position integer, file_line bigint, item_position bigint, failed_check integer,
    problem varchar, row_json varchar, row_known_at timestamp, source_key varchar,
    content_hash varchar, is_certain boolean"""


@dataclass
class Parts:
    """The Parquet files of new rows that one call has written so far, with their row counts."""

    folder: Path
    written: list[tuple[Path, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Counts:
    """Rows of one file by what became of them; emptied ones count as what else they are."""

    new: int = 0
    quarantined: int = 0
    duplicate: int = 0
    erased: int = 0
    emptied: int = 0


@dataclass(frozen=True)
class Read:
    """taken: rows of a file that the feed takes; met: rows that the file has."""

    taken: int
    met: int


def empty_delivered(con: duckdb.DuckDBPyConnection, entity: Entity) -> None:
    """`delivered`, without rows: what the files of one delivery hold, typed."""
    columns = ", ".join(f"{quote(c.name)} {c.sql_type}" for c in entity.columns)
    con.execute(f"create or replace temp table delivered ({_OF_EVERY_ROW}, {columns})")


def fill(con: duckdb.DuckDBPyConnection, entity: Entity, position: int, file: LandedFile) -> Read:
    """Add the typed rows of a file to `delivered` under its position.

    Raises ContractBroken, FileRefused, FileIncomplete.
    """
    source, rows = open_source(con, entity, file)
    known_at, _ = known_at_sql(entity, file)
    columns = ", ".join(quote(name) for name in entity.column_names)
    content = literal(DELETED) if file.feed.deletes else content_hash_sql(entity)
    select = f"""
        select {position}::integer as file_position, file_line, item_position, failed_check,
            problem, row_json, {known_at} as row_known_at,
            {source_key_sql(entity)} as source_key, {content} as content_hash,
            {is_certain_sql(file, source)} as is_certain, {columns}
        from ({typed_rows_sql(entity, file, source)})
    """
    try:
        row = con.execute(f"insert into delivered {select}").fetchone()
    except duckdb.Error as error:
        raise rows.why_it_stopped(file, error) from error
    finally:
        close_source(con)
    return Read(int(row[0]) if row else 0, rows.rows_met)


@dataclass(frozen=True)
class Judge:
    """One table being loaded. loaded_at is naive UTC, as a text for SQL.

    suppressed: what became of the rows about erased people, by position of their file.
    """

    con: duckdb.DuckDBPyConnection
    entity: Entity
    loaded_at: str
    parts: Parts
    suppressions: Suppressions = field(default_factory=Suppressions)
    suppressed: dict[int, Suppressed] = field(default_factory=dict)

    def prepare(self) -> None:
        """Empty temporary tables for this call: keys of new rows, rows to quarantine."""
        self.con.execute("create or replace temp table new_keys (key_number ubigint)")
        self.con.execute(
            "create or replace temp table quarantined as from quarantine.files limit 0"
        )

    def make_room(self, position: int) -> None:
        """An empty `delivered` before the first file of a delivery."""
        if position:
            return
        self.suppressed.clear()
        empty_delivered(self.con, self.entity)

    def read(self, position: int, file: LandedFile, load_id: str) -> Read:
        """Add the typed rows of a file to `delivered` under its position, without erased people.

        Raises ContractBroken, FileRefused, FileIncomplete.
        """
        found = fill(self.con, self.entity, position, file)
        self.suppressed[position] = suppress(
            self.con, self.entity, file, position, self.suppressions
        )
        self._quarantine_failing(position, file, load_id)
        return found

    def forget(self, position: int, load_id: str) -> None:
        """Drop the rows of one file again."""
        self.con.execute("delete from delivered where file_position = ?", [position])
        self.con.execute("delete from quarantined where load_id = ?", [load_id])

    def judge(self, files: Sequence[LandedFile], load_ids: Sequence[str]) -> list[Counts]:
        """Classify `delivered`, write its new rows, and return the counts per file.

        All files of a call either give rows or take keys out.
        """
        system, deletes = files[0].feed.system, files[0].feed.deletes
        self._note_files(files, load_ids)
        self._collect_known(system)
        self.con.execute(CERTAIN)
        if deletes:
            self.con.execute(judged_deletes_sql())
            paths = [str(path) for path, _ in self.parts.written]
            self.con.execute(last_contents_sql(self.entity, system, paths) or "select 1")
        else:
            self.con.execute(DOUBTFUL)
            self.con.execute(judged_sql(self.entity))
        self.con.execute(quarantine_judged_sql(self.entity, system, self.loaded_at))
        self._write_new(system, is_deleted=deletes)
        return self._counts(len(files))

    def _note_files(self, files: Sequence[LandedFile], load_ids: Sequence[str]) -> None:
        """`delivered_files`: what every row of a file has in common."""
        spaces = self.entity.key_spaces
        columns = "".join(f", {kind}_system varchar" for kind in spaces)
        self.con.execute(f"""create or replace temp table delivered_files (
            file_position integer, file_name varchar, load_id varchar{columns})""")
        marks = ", ".join("?" for _ in range(3 + len(spaces)))
        self.con.executemany(
            f"insert into delivered_files values ({marks})",
            [
                [n, file.name, load_ids[n], *(file.feed.key_system(kind) for kind in spaces)]
                for n, file in enumerate(files)
            ],
        )

    def _quarantine_failing(self, position: int, file: LandedFile, load_id: str) -> None:
        checks = ", ".join(
            f"({n}, {literal(check.code)}, {literal(check.reason)}, {literal(check.column)})"
            for n, check in enumerate(checks_of(self.entity, file))
        )
        self.con.execute(f"""
            insert into quarantined
            select {literal(self.entity.name)}, {literal(file.feed.system)}, {literal(file.name)},
                file_line, checks.code, coalesce(problem, checks.reason),
                nullif(checks.column_name, ''), row_json, {literal(load_id)},
                timestamp '{self.loaded_at}'
            from delivered
            inner join (values {checks}) as checks (n, code, reason, column_name)
                on delivered.failed_check = checks.n
            where file_position = {position}
        """)

    def _collect_known(self, system: str) -> None:
        """`known`: every version, loaded or new in this call, of the keys delivered."""
        raw = f'raw_files."{self.entity.name}"'
        self.con.execute(f"""
            create or replace temp table known as
            select source_key, content_hash, known_at, loaded_at, 0 as part_number
            from {raw}
            where source_system = {literal(system)}
                and source_key in (select source_key from delivered where failed_check is null)
        """)
        if not self.parts.written or not self._is_any_key_new_in_this_call():
            return
        paths = ", ".join(literal(str(path)) for path, _ in self.parts.written)
        self.con.execute(f"""
            insert into known
            select source_key, content_hash, known_at, loaded_at,
                row_number() over (order by filename, file_row_number)
            from read_parquet([{paths}], filename = true, file_row_number = true)
            where source_system = {literal(system)}
                and source_key in (select source_key from delivered where failed_check is null)
        """)

    def _is_any_key_new_in_this_call(self) -> bool:
        # hash() is only a sieve within this call: 8 bytes a key instead of the key itself.
        found = self.con.execute(
            "select 1 from new_keys where key_number in (select hash(source_key) from delivered "
            "where failed_check is null) limit 1"
        ).fetchone()
        return found is not None

    def _write_new(self, system: str, *, is_deleted: bool) -> None:
        columns = ", ".join(quote(name) for name in self.entity.column_names)
        spaces = "".join(f"{kind}_system, " for kind in self.entity.key_spaces)
        is_new = self._is_new_sql()
        path = self.parts.folder / f"part-{len(self.parts.written):05d}.parquet"
        row = self.con.execute(f"""
            copy (
                select {columns}, {literal(system)} as source_system, {spaces}source_key,
                    content_hash, row_known_at as known_at,
                    timestamp '{self.loaded_at}' as loaded_at, {is_deleted} as is_deleted,
                    load_id, file_name, file_line
                from delivered
                inner join delivered_files using (file_position)
                {is_new}
            ) to {literal(str(path))} (format parquet)
        """).fetchone()
        written = int(row[0]) if row else 0
        if not written:
            path.unlink()
            return
        self.parts.written.append((path, written))
        self.con.execute(f"""
            insert into new_keys
            select hash(source_key) from delivered {is_new}""")

    def _is_new_sql(self) -> str:
        any_judged = self.con.execute("select 1 from judged limit 1").fetchone()
        anti_join = f"anti join judged using ({ROW})" if any_judged else ""
        return f"{anti_join} where failed_check is null"

    def _counts(self, file_count: int) -> list[Counts]:
        rows = self.con.execute(f"""
            select file_position,
                count(*) filter (where failed_check is null and verdict is null),
                count(*) filter (where failed_check is not null or verdict <> 'duplicate'),
                count(*) filter (where verdict = 'duplicate')
            from delivered left join judged using ({ROW})
            group by file_position""").fetchall()
        found = {position: numbers for position, *numbers in rows}
        return [self._counts_of(n, found.get(n, [0, 0, 0])) for n in range(file_count)]

    def _counts_of(self, position: int, numbers: Sequence[int]) -> Counts:
        suppressed = self.suppressed.get(position, Suppressed())
        new, quarantined, duplicate = numbers
        return Counts(new, quarantined, duplicate, suppressed.erased, suppressed.emptied)
