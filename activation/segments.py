"""Segments, run: preview how many, materialise who, with reasons; the history says who is new."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from activation.columns import PERSON_MART
from activation.conditions import CHILD_MARTS
from activation.definitions import Segment
from activation.reasons import LANGUAGES, reasons_of
from activation.segment_history import Movement, SegmentRun, record
from activation.sentences import columns_used, quantifiers, sentence
from contract.crash_points import reach
from contract.sql import transaction

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from sqlalchemy import Engine

_MEMBERS = "segment, customer_id, entered_on, since_run_id, reasons_en, reasons_fr"
_SIZES = (
    "segment, as_of_date, run_id, member_count, entered_count, stayed_count, left_count, "
    "sentence_en, sentence_fr, definition_digest, compared_on"
)


@dataclass(frozen=True)
class Preview:
    """How many people a segment holds, of how many, and what it says in words."""

    segment: str
    member_count: int
    customer_count: int
    sentence_en: str
    sentence_fr: str

    @property
    def share(self) -> float:
        """Members among all known persons, 0–1."""
        return self.member_count / self.customer_count if self.customer_count else 0.0


@dataclass(frozen=True)
class SegmentReport:
    """One materialised segment; member_count = entered + stayed.

    The three movements are None the first time: nothing to compare with.
    """

    segment: str
    member_count: int
    entered_count: int | None
    stayed_count: int | None
    left_count: int | None
    share: float
    sentence_en: str
    sentence_fr: str
    violations: tuple[str, ...]
    unknown_columns: tuple[str, ...] = ()  # nobody has a value: their source is not connected

    def as_metadata(self) -> dict[str, Any]:
        """The figures, named as everywhere."""
        moved = {"entered": self.entered_count, "stayed": self.stayed_count}
        moved["left"] = self.left_count
        known = {name: count for name, count in moved.items() if count is not None}
        return {
            "row_count": self.member_count,
            **(known or {"first count": True}),
            "share": round(self.share, 4),
            **({"not connected": ", ".join(self.unknown_columns)} if self.unknown_columns else {}),
            "sentence_en": self.sentence_en,
            "sentence_fr": self.sentence_fr,
        }


def preview(con: DuckDBPyConnection, segment: Segment, *, as_of: date) -> Preview:
    """Count a segment without writing anything, by the query that materialises it."""
    members = _members(con, segment, as_of)
    return Preview(
        segment.name,
        len(members),
        _customer_count(con),
        sentence(segment.where, "en"),
        sentence(segment.where, "fr"),
    )


def prepare(con: DuckDBPyConnection) -> None:
    """Create the schema `segments` and its empty tables, if they do not exist."""
    con.execute("create schema if not exists segments")
    con.execute(
        "create table if not exists segments.members (segment varchar, customer_id varchar, "
        "entered_on date, since_run_id varchar, reasons_en varchar, reasons_fr varchar)"
    )
    con.execute(
        "create table if not exists segments.sizes (segment varchar, as_of_date date, "
        "run_id varchar, member_count bigint, entered_count bigint, stayed_count bigint, "
        "left_count bigint, sentence_en varchar, sentence_fr varchar, definition_digest varchar)"
    )
    con.execute("alter table segments.sizes add column if not exists compared_on date")
    con.execute(
        "create table if not exists segments.waterfalls (campaign varchar, segment varchar, "
        "channel varchar, outcome varchar, row_count bigint, as_of_date date)"
    )


def materialise(
    con: DuckDBPyConnection,
    engine: Engine,
    segments: Iterable[Segment],
    *,
    as_of: date,
    run_id: str,
) -> list[SegmentReport]:
    """Write members and sizes of the given segments; others stay as they are.

    segments.members: one row per segment and person; segments.sizes: one row per segment.
    """
    prepare(con)
    customer_count = _customer_count(con)
    reports = []
    for segment in segments:
        members = _members(con, segment, as_of)
        run = SegmentRun(segment.name, run_id, as_of, segment.digest)
        movement = record(engine, run, members.keys(), _shown_run_id(con, segment.name))
        reach("segments.written")
        _write(con, segment, members, movement, as_of)
        unknown = () if members else _unknown_columns(con, segment)
        reports.append(_report(segment, movement, customer_count, unknown))
    return reports


def forget_removed(con: DuckDBPyConnection, segments: Mapping[str, Segment]) -> list[str]:
    """Drop from the warehouse the segments whose file is gone; their names."""
    prepare(con)
    names = con.execute("select distinct segment from segments.sizes").fetchall()
    gone = sorted({name for (name,) in names} - set(segments))
    for name in gone:
        for table in ("members", "sizes", "waterfalls"):
            con.execute(f"delete from segments.{table} where segment = ?", [name])
    return gone


def _members(con: DuckDBPyConnection, segment: Segment, as_of: date) -> dict[str, dict[str, Any]]:
    """Member → values of the columns that the segment looks at."""
    from activation.compiler import compile_members

    names = ["customer_id", *(one.name for one in columns_used(segment.where))]
    query = compile_members(segment.where, list(dict.fromkeys(names)), as_of=as_of)
    cursor = con.execute(query.sql, query.values)
    fields = [column[0] for column in cursor.description]
    rows = (dict(zip(fields, row, strict=True)) for row in cursor.fetchall())
    return {row["customer_id"]: row for row in rows}


def _shown_run_id(con: DuckDBPyConnection, segment: str) -> str | None:
    row = con.execute("select run_id from segments.sizes where segment = ?", [segment]).fetchone()
    return None if row is None else str(row[0])


def _customer_count(con: DuckDBPyConnection) -> int:
    row = con.execute(f"select count(*) from marts.{PERSON_MART}").fetchone()
    return int(row[0]) if row else 0


def _write(
    con: DuckDBPyConnection,
    segment: Segment,
    members: Mapping[str, Mapping[str, Any]],
    movement: Movement,
    as_of: date,
) -> None:
    stays = [movement.since[customer_id] for customer_id in members]
    reasons = reasons_of(con, segment.where, members, as_of=as_of)
    days, run_ids = [day for day, _ in stays], [run_id for _, run_id in stays]
    size = (
        segment.name, as_of, movement.run_id, movement.member_count, movement.entered_count,
        movement.stayed_count, movement.left_count,
        *(sentence(segment.where, lang) for lang in LANGUAGES), segment.digest,
        movement.compared_on,
    )  # fmt: skip
    with transaction(con):
        for table in ("members", "sizes"):
            con.execute(f"delete from segments.{table} where segment = ?", [segment.name])
        con.execute(
            f"insert into segments.members ({_MEMBERS}) select ?, unnest(?::varchar[]), "
            "unnest(?::date[]), unnest(?::varchar[]), unnest(?::varchar[]), unnest(?::varchar[])",
            [segment.name, list(members), days, run_ids, reasons["en"], reasons["fr"]],
        )
        marks = ", ".join("?" for _ in size)
        con.execute(f"insert into segments.sizes ({_SIZES}) values ({marks})", list(size))


def _unknown_columns(con: DuckDBPyConnection, segment: Segment) -> tuple[str, ...]:
    """The columns looked at that hold nothing for anybody, or not the value of a parameter.

    An empty segment is no surprise then: its source is not connected, or one of the many things
    that the file serves is not sold here.
    """
    absent = tuple(_absent_parameters(con, segment))
    if absent:
        return absent
    guards = (CHILD_MARTS[has.mart][1] for has in quantifiers(segment.where))
    names = [*(one.name for one in columns_used(segment.where)), *(one for one in guards if one)]
    counts = ", ".join(f'count("{name}")' for name in dict.fromkeys(names))
    row = con.execute(f"select {counts} from marts.{PERSON_MART}").fetchone() if counts else None
    return tuple(n for n, c in zip(dict.fromkeys(names), row or (), strict=False) if not c)


def _absent_parameters(con: DuckDBPyConnection, segment: Segment) -> Iterator[str]:
    given = set(segment.parameters.values())
    for has in quantifiers(segment.where):
        for one in has.where:
            if one.operator != "is" or one.value not in given:
                continue
            query = f'select 1 from marts."{has.mart}" where "{one.column.name}" = ? limit 1'
            if con.execute(query, [one.value]).fetchone() is None:
                yield f"{has.mart}.{one.column.name}"


def _report(
    segment: Segment, movement: Movement, customer_count: int, unknown: tuple[str, ...]
) -> SegmentReport:
    share = movement.member_count / customer_count if customer_count else 0.0
    return SegmentReport(
        segment=segment.name,
        member_count=movement.member_count,
        entered_count=movement.entered_count,
        stayed_count=movement.stayed_count,
        left_count=movement.left_count,
        share=share,
        sentence_en=sentence(segment.where, "en"),
        sentence_fr=sentence(segment.where, "fr"),
        violations=() if unknown else tuple(_violations(segment, movement.member_count, share)),
        unknown_columns=unknown,
    )


def _violations(segment: Segment, count: int, share: float) -> Iterator[str]:
    expect = segment.expect
    if count < expect.min_members:
        yield f"{segment.file}: {count} members, expected {expect.min_members} or more."
    if share > expect.max_share:
        yield f"{segment.file}: {share:.1%} of the base, expected {expect.max_share:.1%} at most."
