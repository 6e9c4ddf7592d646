"""Files of lines as systems write them: CSV, JSON lines, YAML, with the dirt that such files have.

The lines are built and spoiled in SQL. Every draw is a digest of seed, system, kind of dirt and
row, so that the same facts give the same bytes whatever the order of rows.
"""

from __future__ import annotations

import codecs
import gzip
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import duckdb

from contract.sql import literal, quote

BATCH_ROWS = 50_000
TIME_ZONE = "Europe/Paris"

MACROS = f"""
create or replace macro paris(moment) as timezone('{TIME_ZONE}', timezone('UTC', moment));
create or replace macro iso(moment) as strftime(moment, '%Y-%m-%dT%H:%M:%S.%fZ');
create or replace macro french_day(day) as strftime(day, '%d/%m/%Y');
create or replace macro french_minute(moment) as strftime(paris(moment), '%d/%m/%Y %H:%M');
create or replace macro french_second(moment) as strftime(paris(moment), '%d/%m/%Y %H:%M:%S');
create or replace macro comma(amount) as replace(cast(amount as varchar), '.', ',');
create or replace macro cell(content) as coalesce(
    case when regexp_matches(content, '[;,"\\n\\r]')
        then '"' || replace(content, '"', '""') || '"' else content end, '');
create or replace macro mojibake(content) as
    replace(replace(replace(replace(replace(replace(replace(content, 'é', 'Ã©'), 'è', 'Ã¨'),
    'ê', 'Ãª'), 'ë', 'Ã«'), 'ç', 'Ã§'), 'ô', 'Ã´'), 'ï', 'Ã¯');
"""


@dataclass(frozen=True)
class Rates:
    """How often a row is spoiled, 0 to 1; totals: how often a file of a kind that may ends in one.

    broken adds half of a line before the line itself: the writer was interrupted and began again.
    """

    repeated: float = 0.002
    displaced: float = 0.01
    broken: float = 0.0003
    totals: float = 0.2
    mojibake: float = 0.004
    late_files: float = 0.02
    resent_files: float = 0.02


CLEAN = Rates(0, 0, 0, 0, 0, 0, 0)


@dataclass(frozen=True)
class Rows:
    """Which facts a file tells: a table of facts (or one made of it), its key, when it happened.

    table, key, at and where are SQL; entity is what the declaration makes of the rows.
    """

    entity: str
    key: str
    at: str
    where: str = "true"
    table: str = ""

    @property
    def source(self) -> str:
        """The table to read."""
        return self.table or self.entity


@dataclass(frozen=True)
class Lines:
    """One file of lines. line is SQL over the rows; half is SQL over `line`, an interrupted one.

    footer is SQL of one text, a last line that is no row. counted: dirt that the query planted.
    keep_for_later: kind of dirt of a file that comes only with the next delivery.
    """

    name: str
    rows: Rows
    line: str
    half: str = ""
    header: str | None = None
    footer: str | None = None
    encoding: str = "utf-8"
    line_end: str = "\n"
    rates: Rates = CLEAN
    counted: Mapping[str, int] = field(default_factory=dict)
    keep_for_later: str = ""


def csv_lines(name: str, rows: Rows, columns: Mapping[str, str], separator: str = ";") -> Lines:
    """A CSV file: column name to SQL of its text. The first two must need no quotes."""
    line = f" || '{separator}' || ".join(
        f"cell(cast({value} as varchar))" for value in columns.values()
    )
    half = f"array_to_string(string_split(line, '{separator}')[1:2], '{separator}')"
    return Lines(name, rows, line, half, header=separator.join(columns))


def json_lines(name: str, rows: Rows, body: str) -> Lines:
    """A file of JSON objects, one a line; body is SQL of a struct."""
    return Lines(name, rows, f"cast(to_json({body}) as varchar)", "left(line, length(line) // 2)")


def yaml_list(name: str, rows: Rows, keys: Mapping[str, str]) -> Lines:
    """A YAML list of mappings; the values are SQL of texts that are YAML already."""
    pairs = [f"{literal(key + ': ')} || {value}" for key, value in keys.items()]
    return Lines(name, rows, "'- ' || " + " || chr(10) || '  ' || ".join(pairs))


def write_lines(con: duckdb.DuckDBPyConnection, lines: Lines, path: Path) -> dict[str, int]:
    """Write the file; rows it holds (`rows`) and what was planted, by kind. No rows, no file.

    con has the facts as tables, MACROS and the macro `chance(kind, row_key)`.
    """
    rates = lines.rates
    con.execute(f"""
        create or replace temp table drawn as
        select *,
            chance('repeated_row', row_key) < {rates.repeated} as is_repeated,
            chance('out_of_order', row_key) < {rates.displaced} as is_displaced,
            chance('broken_line', row_key) < {rates.broken if lines.half else 0} as is_broken
        from (
            select cast({lines.rows.key} as varchar) as row_key,
                cast({lines.rows.at} as timestamp) as happened_at, {lines.line} as line
            from {quote(lines.rows.source)}
            where {lines.rows.where}
        )""")
    found = con.execute("""
        select count(*), count(*) filter (where is_repeated), count(*) filter (where is_displaced),
            count(*) filter (where is_broken) from drawn""").fetchone()
    row_count, repeated, displaced, broken = found or (0, 0, 0, 0)
    footer = _footer(con, lines) if row_count else None
    counts: dict[str, int] = {
        "rows": row_count + repeated + broken + (footer is not None),
        "repeated_row": repeated, "out_of_order": displaced, "broken_line": broken,
        "total_line": int(footer is not None),
    }  # fmt: skip
    if row_count:
        _write(con, lines, path, footer)
    return counts | dict(lines.counted)


def _footer(con: duckdb.DuckDBPyConnection, lines: Lines) -> str | None:
    if lines.footer is None:
        return None
    found = con.execute(
        f"select ({lines.footer}) where chance('total_line', ?) < {lines.rates.totals}",
        [lines.name],
    ).fetchone()
    return str(found[0]) if found else None


def _write(con: duckdb.DuckDBPyConnection, lines: Lines, path: Path, footer: str | None) -> None:
    half = lines.half or "line"
    reader = con.execute(f"""
        select line from (
            select line, row_key, 1 as turn,
                happened_at + case when is_displaced then interval 5 hour else interval 0 hour end
                    as written_at
            from drawn
            union all
            select {half}, row_key, 0, happened_at from drawn where is_broken
            union all
            select line, row_key, 2, happened_at + interval 20 minute from drawn where is_repeated
        ) order by written_at, row_key, turn""").to_arrow_reader(BATCH_ROWS)
    # The byte order mark belongs to the beginning only, so the batches are encoded without it.
    encoding = lines.encoding.removesuffix("-sig")
    with ExitStack() as stack:
        content = _open(stack, path)
        if encoding != lines.encoding:
            content.write(codecs.BOM_UTF8)
        if lines.header is not None:
            content.write((lines.header + lines.line_end).encode(encoding, "replace"))
        for batch in reader:
            texts = batch.column(0).to_pylist()
            whole = lines.line_end.join(texts) + lines.line_end if texts else ""
            content.write(whole.encode(encoding, "replace"))
        if footer is not None:
            content.write((footer + lines.line_end).encode(encoding, "replace"))


def _open(stack: ExitStack, path: Path) -> IO[bytes] | gzip.GzipFile:
    plain = stack.enter_context(path.open("wb"))
    if ".gz" not in path.suffixes:
        return plain
    # No name and no time inside: the same facts give the same bytes.
    packed = gzip.GzipFile("", "wb", compresslevel=1, fileobj=plain, mtime=0)
    return stack.enter_context(packed)
