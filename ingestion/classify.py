"""What each row of a delivery is: new, a duplicate, or refused; set-based, in DuckDB.

The rows of one delivery are judged together, against the raw table and against what earlier
deliveries of the same call bring. New rows go to one Parquet file per delivery.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from contract.entity import Entity
from contract.sql import literal, quote
from ingestion.landed_files import LandedFile
from ingestion.row_checks import (
    checks_of,
    content_hash_sql,
    known_at_sql,
    source_key_sql,
    typed_rows_sql,
)
from ingestion.source_rows import close_source, open_source

CONFLICT = "conflicting_key"
CHANGED = "changed_immutable"
_REASONS = {
    CONFLICT: "The key appears in this delivery with different contents; none of them is loaded.",
    CHANGED: "The key was loaded before with another content, and this entity never changes.",
}


@dataclass
class Parts:
    """The Parquet files of new rows that one call has written so far, with their row counts."""

    folder: Path
    written: list[tuple[Path, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Counts:
    """Rows of one file by what became of them."""

    new: int = 0
    quarantined: int = 0
    duplicate: int = 0


@dataclass(frozen=True)
class Judge:
    """One table being loaded. loaded_at is naive UTC, as a text for SQL."""

    con: duckdb.DuckDBPyConnection
    entity: Entity
    loaded_at: str
    parts: Parts

    def prepare(self) -> None:
        """Empty temporary tables for this call: keys of new rows, rows to quarantine."""
        self.con.execute("create or replace temp table new_keys (key_number ubigint)")
        self.con.execute(
            "create or replace temp table quarantined as from quarantine.files limit 0"
        )

    def read(self, position: int, file: LandedFile, load_id: str) -> int:
        """Add the typed rows of a file to `delivered` under its position; returns how many.

        Raises ContractBroken.
        """
        source = open_source(self.con, file)
        known_at, _ = known_at_sql(self.entity, file)
        columns = ", ".join(quote(name) for name in self.entity.column_names)
        select = f"""
            select {position}::integer as file_position, file_line, failed_check, problem, row_json,
                {known_at} as row_known_at, {source_key_sql(self.entity)} as source_key,
                {content_hash_sql(self.entity)} as content_hash, {columns}
            from ({typed_rows_sql(self.entity, file, source)})
        """
        verb = "insert into delivered" if position else "create or replace temp table delivered as"
        row = self.con.execute(f"{verb} {select}").fetchone()
        close_source(self.con)
        self._quarantine_failing(position, file, load_id)
        return int(row[0]) if row else 0

    def forget(self, position: int, load_id: str) -> None:
        """Drop the rows of one file again."""
        self.con.execute("delete from delivered where file_position = ?", [position])
        self.con.execute("delete from quarantined where load_id = ?", [load_id])

    def judge(self, files: Sequence[LandedFile], load_ids: Sequence[str]) -> list[Counts]:
        """Classify `delivered`, write its new rows, and return the counts per file."""
        system = files[0].feed.system
        self.con.execute(_FILES_OF_DELIVERY)
        self.con.executemany(
            "insert into delivered_files values (?, ?, ?)",
            [[n, file.name, load_ids[n]] for n, file in enumerate(files)],
        )
        self._collect_known(system)
        self.con.execute(_DOUBTFUL)
        self.con.execute(_judged_sql(self.entity))
        self.con.execute(_quarantine_judged_sql(self.entity, system, self.loaded_at))
        self._write_new(system)
        return self._counts(len(files))

    def _quarantine_failing(self, position: int, file: LandedFile, load_id: str) -> None:
        checks = ", ".join(
            f"({n}, {literal(check.code)}, {literal(check.reason)}, {literal(check.column)})"
            for n, check in enumerate(checks_of(self.entity, file))
        )
        self.con.execute(f"""
            insert into quarantined
            select {literal(self.entity.name)}, {literal(file.feed.system)}, {literal(file.name)},
                file_line, code, coalesce(problem, reason), nullif(column_name, ''), row_json,
                {literal(load_id)}, timestamp '{self.loaded_at}'
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

    def _write_new(self, system: str) -> None:
        columns = ", ".join(quote(name) for name in self.entity.column_names)
        is_new = self._is_new_sql()
        path = self.parts.folder / f"part-{len(self.parts.written):05d}.parquet"
        row = self.con.execute(f"""
            copy (
                select {columns}, {literal(system)} as source_system, source_key, content_hash,
                    row_known_at as known_at, timestamp '{self.loaded_at}' as loaded_at,
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
        anti_join = "anti join judged using (file_position, file_line)" if any_judged else ""
        return f"{anti_join} where failed_check is null"

    def _counts(self, file_count: int) -> list[Counts]:
        rows = self.con.execute("""
            select file_position,
                count(*) filter (where failed_check is null and outcome is null),
                count(*) filter (where failed_check is not null or outcome <> 'duplicate'),
                count(*) filter (where outcome = 'duplicate')
            from delivered left join judged using (file_position, file_line)
            group by file_position""").fetchall()
        counts = {position: Counts(*numbers) for position, *numbers in rows}
        return [counts.get(position, Counts()) for position in range(file_count)]


_FILES_OF_DELIVERY = """
create or replace temp table delivered_files (
    file_position integer, file_name varchar, load_id varchar)
"""


# Rows that need a second look: their key is repeated in the delivery, or known already.
_DOUBTFUL = """
create or replace temp table doubtful as
with doubtful_keys as (
    select source_key from delivered where failed_check is null
    group by source_key having count(*) > 1
    union
    select source_key from known
)
select file_position, file_line, source_key, content_hash, row_known_at
from delivered
semi join doubtful_keys using (source_key)
where failed_check is null
"""


def _judged_sql(entity: Entity) -> str:
    """`judged`: the rows that are not new, with outcome duplicate, conflict or changed."""
    is_immutable = entity.changes == "immutable"
    changed = f"when versions.content_hash is not null then '{CHANGED}'" if is_immutable else ""
    # A versioned row repeats what was in force when the source knew it; a late one may differ
    # from today's version and still be news about its own time.
    in_force = "" if is_immutable else "and known.known_at <= row_known_at"
    return f"""
        create or replace temp table judged as
        with repeated as (
            select source_key, count(distinct content_hash) as content_count,
                min((file_position, file_line)) as kept
            from doubtful
            group by source_key
        ),
        versions as (
            select file_position, file_line,
                max_by(known.content_hash, (known.known_at, known.loaded_at, known.part_number))
                    as content_hash
            from doubtful
            inner join known on doubtful.source_key = known.source_key {in_force}
            group by file_position, file_line
        ),
        outcomes as (
            select doubtful.file_position, doubtful.file_line,
                case
                    when repeated.content_count > 1 then '{CONFLICT}'
                    when versions.content_hash = doubtful.content_hash then 'duplicate'
                    {changed}
                    when (doubtful.file_position, doubtful.file_line) <> repeated.kept
                        then 'duplicate'
                end as outcome
            from doubtful
            inner join repeated on doubtful.source_key = repeated.source_key
            left join versions
                on doubtful.file_position = versions.file_position
                and doubtful.file_line = versions.file_line
        )
        select file_position, file_line, outcome from outcomes where outcome is not null
    """


def _quarantine_judged_sql(entity: Entity, system: str, loaded_at: str) -> str:
    row = ", ".join(f"{literal(name)}: {quote(name)}" for name in entity.column_names)
    reasons = " ".join(f"when '{code}' then {literal(text)}" for code, text in _REASONS.items())
    keys = literal(", ".join(entity.key))
    return f"""
        insert into quarantined
        select {literal(entity.name)}, {literal(system)}, file_name, file_line, outcome,
            case outcome {reasons} end, {keys}, cast(to_json({{{row}}}) as varchar), load_id,
            timestamp '{loaded_at}'
        from judged
        inner join delivered using (file_position, file_line)
        inner join delivered_files using (file_position)
        where outcome <> 'duplicate'
    """
