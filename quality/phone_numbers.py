"""Which telephone numbers can exist: distinct ones only, each judged once per release of the plans.

Recognising a number (contract/normalisation.py, the macro normalised_phone) stays ours: it is eight
times as fast as the library and its results are kept as hashes in the consent ledger.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TABLE = "intermediate.phone_numbers"
_BATCH = 50_000
COLUMNS = ("phone_number", "is_possible", "is_valid", "is_mobile", "country", "plan_version")
Row = tuple[str, bool, bool, bool | None, str | None, str]


@dataclass(frozen=True)
class PhoneReport:
    """Numbers in the table, those judged in this run, and those that no plan knows."""

    numbers: int
    judged: int
    invalid: int


def prepare(con: DuckDBPyConnection) -> None:
    """Make the empty table, so that models build before any number is known."""
    con.execute("create schema if not exists intermediate")
    con.execute(
        f"create table if not exists {TABLE} (phone_number varchar, is_possible boolean, "
        "is_valid boolean, is_mobile boolean, country varchar, plan_version varchar)"
    )


def judge_numbers(con: DuckDBPyConnection) -> PhoneReport:
    """Judge the numbers that intermediate.int_identity__observed has and the table lacks.

    A number that no record carries any more leaves the table.
    """
    import phonenumbers
    import pyarrow as pa

    prepare(con)
    release = str(phonenumbers.__version__)
    con.execute(
        "create or replace temp table carried_numbers as select distinct identifier_value as n "
        "from intermediate.int_identity__observed where identifier_kind = 'phone'"
    )
    con.execute(
        f"delete from {TABLE} where plan_version <> ? "
        "or phone_number not in (select n from carried_numbers)",
        [release],
    )
    judged = 0
    for numbers in _unknown(con):
        rows = [describe(number, release) for number in numbers]
        frame = pa.table(dict(zip(COLUMNS, map(list, zip(*rows, strict=True)), strict=True)))
        con.register("judged_numbers", frame)
        con.execute(f"insert into {TABLE} by name select * from judged_numbers")
        con.unregister("judged_numbers")
        judged += len(rows)
    con.execute("drop table carried_numbers")
    counts = con.execute(f"select count(*), count(*) filter (not is_valid) from {TABLE}")
    numbers_count, invalid = counts.fetchone() or (0, 0)
    return PhoneReport(int(numbers_count), judged, int(invalid))


def _unknown(con: DuckDBPyConnection) -> Iterator[list[str]]:
    rows: list[tuple[Any, ...]] = con.execute(
        f"select n from carried_numbers anti join {TABLE} on n = phone_number order by n"
    ).fetchall()
    for start in range(0, len(rows), _BATCH):
        yield [str(row[0]) for row in rows[start : start + _BATCH]]


def describe(number: str, release: str) -> Row:
    """One row of the table about an E.164 number, in the order of COLUMNS.

    possible: as long as its country's numbers are; valid: in a range that the plan hands out, which
    new ranges are only in the next release. Whether it can receive messages is None where the plan
    mixes mobile and fixed numbers, or does not have the number.
    """
    import phonenumbers as plans

    try:
        parsed = plans.parse(number, None)
    except plans.NumberParseException:
        return number, False, False, None, None, release
    if not plans.is_valid_number(parsed):
        return number, plans.is_possible_number(parsed), False, None, None, release
    kind = plans.number_type(parsed)
    mixed = kind == plans.PhoneNumberType.FIXED_LINE_OR_MOBILE
    is_mobile = None if mixed else kind == plans.PhoneNumberType.MOBILE
    return number, True, True, is_mobile, plans.region_code_for_number(parsed), release
