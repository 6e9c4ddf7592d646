from datetime import date, timedelta
from pathlib import Path

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import StaticPool

from activation.definitions import Segment, load_segments
from activation.segment_history import SegmentRun, record
from activation.segments import materialise
from activation.tables import metadata
from tests.fixtures.small_marts import AS_OF, columns

TEXT = """
title: {en: Big spenders, fr: Gros acheteurs}
description: {en: Spend a lot., fr: Dépensent beaucoup.}
owner: crm
where:
  all:
    - {column: net_amount, at_least: %s}
    - {column: days_since_last_order, at_most: 250}
  none: [{column: rfm_group, in: [lost, at_risk]}]
expect: {min_members: 3, max_share: 0.10}
"""


def load(folder: Path, amount: int) -> Segment:
    (folder / "big.yml").write_text(TEXT % amount, encoding="utf-8")
    return load_segments(folder, columns())["big"]


def tables(con: duckdb.DuckDBPyConnection) -> tuple[list[tuple[object, ...]], ...]:
    members = con.execute("select * from segments.members order by all").fetchall()
    return members, con.execute("select * from segments.sizes").fetchall()


def test_the_sentence_says_the_rule_in_both_languages(
    con: duckdb.DuckDBPyConnection, engine: Engine, folder: Path
) -> None:
    [report] = materialise(con, engine, [load(folder, 1500)], as_of=AS_OF, run_id="r1")
    assert report.sentence_en == (
        "Customers with net amount: at least 1,500; days since last order: at most 250; "
        "not (rfm group: lost or At risk)."
    )
    assert report.sentence_fr.startswith("Clients avec net amount (fr) : au moins 1\u202f500 ; ")
    assert report.violations[0].startswith("activation/segments/big.yml: ")


def test_an_empty_segment_over_what_is_not_connected_says_so_and_violates_nothing(
    con: duckdb.DuckDBPyConnection, engine: Engine, folder: Path
) -> None:
    con.execute("update marts.customer_360 set net_amount = null")
    [report] = materialise(con, engine, [load(folder, 1500)], as_of=AS_OF, run_id="r1")
    assert (report.member_count, report.violations) == (0, ())
    assert report.as_metadata()["not connected"] == "net_amount"


def test_a_member_carries_the_values_that_made_it_one(
    con: duckdb.DuckDBPyConnection, engine: Engine, folder: Path
) -> None:
    materialise(con, engine, [load(folder, 1500)], as_of=AS_OF, run_id="r1")
    members, _ = tables(con)
    assert str(members[0][4]).startswith("net amount: ")
    assert members[0][2:4] == (AS_OF, "r1")


def test_the_first_run_is_a_first_count_and_enters_nobody(
    con: duckdb.DuckDBPyConnection, engine: Engine, folder: Path
) -> None:
    [report] = materialise(con, engine, [load(folder, 1500)], as_of=AS_OF, run_id="r1")
    assert (report.entered_count, report.stayed_count, report.left_count) == (None, None, None)
    assert report.as_metadata()["first count"] is True
    moved = con.execute("select entered_count, compared_on from segments.sizes").fetchall()
    assert moved == [(None, None)]


def test_a_run_is_compared_with_the_one_before_and_not_with_the_last_that_differed(
    con: duckdb.DuckDBPyConnection, engine: Engine, folder: Path
) -> None:
    segment = load(folder, 1500)
    materialise(con, engine, [segment], as_of=AS_OF, run_id="r1")
    members, _ = tables(con)
    later = AS_OF + timedelta(days=1)
    materialise(con, engine, [segment], as_of=AS_OF, run_id="r2")
    [again] = materialise(con, engine, [segment], as_of=later, run_id="r3")
    assert (again.entered_count, again.left_count) == (0, 0)
    assert again.stayed_count == again.member_count == len(members)
    assert con.execute("select compared_on from segments.sizes").fetchall() == [(AS_OF,)]
    assert {row[3] for row in tables(con)[0]} == {"r1"}


def test_a_run_that_was_interrupted_is_told_as_it_would_have_been(
    con: duckdb.DuckDBPyConnection, engine: Engine, folder: Path
) -> None:
    materialise(con, engine, [load(folder, 1500)], as_of=AS_OF, run_id="r1")
    segment = load(folder, 500)
    con.execute("create table kept as from segments.sizes")
    [before] = materialise(con, engine, [segment], as_of=AS_OF, run_id="r2")
    con.execute("delete from segments.sizes; insert into segments.sizes from kept")
    [after] = materialise(con, engine, [segment], as_of=AS_OF, run_id="r3")
    assert after == before
    assert after.entered_count


def test_lowering_a_threshold_shows_who_entered(
    con: duckdb.DuckDBPyConnection, engine: Engine, folder: Path
) -> None:
    [high] = materialise(con, engine, [load(folder, 1500)], as_of=AS_OF, run_id="r1")
    [low] = materialise(con, engine, [load(folder, 500)], as_of=AS_OF, run_id="r2")
    assert low.entered_count == low.member_count - high.member_count > 0
    assert (low.stayed_count, low.left_count) == (high.member_count, 0)
    since = con.execute(
        "select since_run_id, count(*) from segments.members group by 1 order by 1"
    ).fetchall()
    assert since == [("r1", high.member_count), ("r2", low.entered_count)]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sets(st.sampled_from("abcdef")), min_size=1, max_size=6))
def test_members_are_always_those_who_entered_and_those_who_stayed(runs: list[set[str]]) -> None:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    metadata.create_all(engine)
    before: set[str] = set()
    for number, members in enumerate(runs):
        day: date = AS_OF + timedelta(days=number)
        moved = record(engine, SegmentRun("s", f"r{number}", day, "d"), members)
        assert moved.member_count == len(members)
        if number == 0:
            assert (moved.compared_on, moved.entered_count, moved.left_count) == (None, None, None)
        else:
            assert (moved.entered_count, moved.stayed_count, moved.left_count) == (
                len(members - before),
                len(members & before),
                len(before - members),
            )
        assert set(moved.since) == members
        before = members
