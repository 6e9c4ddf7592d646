"""Suites say what is wrong, with counts and without the values of people."""

from __future__ import annotations

from datetime import datetime

import duckdb
import pandas as pd
import pytest

from contract.entity import load_entities
from contract.errors import ConfigError
from quality import runner
from quality.report import Suite, between, matches, not_null, one_of, unique
from quality.store import record

Row = dict[str, object]
SUITE = Suite(
    door="raw",
    table="t",
    personal=frozenset({"email"}),
    expectations=[
        *not_null("id", "email"),
        unique("id"),
        unique("id", "kind"),
        one_of("kind", "a", "b"),
        between("share", at_least=0, at_most=1),
        matches("email", r"[^@\s]+@[^@\s]+"),
        *not_null("kind", when=[("used", "==", True), ("share", ">", 0.4)]),
    ],
)
BROKEN = pd.DataFrame(
    {
        "id": ["1", "1", None],
        "kind": ["a", "a", "z"],
        "share": [0.5, 1.5, -1.0],
        "email": ["secret@example.org", "not an address", None],
        "used": [True, True, False],
    }
)
FINE = pd.DataFrame(
    {"id": ["1", "2"], "kind": ["a", None], "share": [0.0, 1.0], "email": ["a@b", None]}
    | {"used": [True, False]}
)


def failed(report: runner.SuiteReport) -> list[tuple[str, int | None]]:
    return [(one.column, one.unexpected_count) for one in report.failures]


def test_every_broken_expectation_is_reported_with_its_count() -> None:
    report = runner.check_frame("s", SUITE, BROKEN)
    assert not report.passed
    counts = dict(failed(report))
    assert counts["kind"] == 1
    assert counts["share"] == 2
    assert counts["id"] == 2  # both rows of a key that appears twice


def test_a_personal_column_is_only_yes_or_no_and_no_value_is_kept() -> None:
    report = runner.check_frame("s", SUITE, BROKEN)
    assert ("email", None) in failed(report)
    assert "secret" not in str(report)
    assert "not an address" not in str(report.as_metadata())


def test_a_sound_frame_passes_but_for_the_missing_address() -> None:
    assert {column for column, _ in failed(runner.check_frame("s", SUITE, FINE))} == {"email"}


def test_the_profile_of_a_large_table_finds_the_same_columns_broken() -> None:
    with duckdb.connect() as con:
        con.register("t", BROKEN)
        report = runner.check_profile("s", SUITE, con, "select * from t")
    by_frame = runner.check_frame("s", SUITE, BROKEN)
    assert [one.is_passed for one in report.outcomes] == [
        one.is_passed for one in by_frame.outcomes
    ]
    assert report.row_count == 3


def test_only_the_rows_of_one_load_are_looked_at_when_asked() -> None:
    with duckdb.connect() as con:
        con.execute("create schema raw_files")
        con.execute(
            "create table raw_files.coupons as select 'k' as coupon_key, 'c' as campaign_key, "
            "'p' as product_key, 's' as source_system, x as load_id "
            "from (values ('one'), ('two'), ('it''s')) as loads(x)"
        )
        assert runner.run_suite("coupons", con).row_count == 3
        assert runner.run_suite("coupons", con, load_id="it's").row_count == 1


def test_an_unknown_suite_is_refused_with_a_hint() -> None:
    with pytest.raises(ConfigError, match="coupons"):
        runner.run_suite("coupon", pd.DataFrame())


def test_every_entity_has_a_suite_whose_columns_exist() -> None:
    suites = runner.load_suites()
    bookkeeping = {"source_system", "source_key", "content_hash", "known_at", "loaded_at"}
    for name, entity in load_entities().items():
        columns = {column.name: column for column in entity.columns}
        known = set(columns) | bookkeeping | {"load_id", "file_name", "file_line"}
        named = {column for e in suites[name].expectations for column in e.columns}
        assert named <= known, name
        assert suites[name].personal <= known, name
        personal = {n for n, column in columns.items() if column.privacy == "direct"}
        assert named & personal <= suites[name].personal, name


def test_results_are_kept_without_repeating_a_suite() -> None:
    with duckdb.connect() as con:
        for _ in range(2):
            report = runner.check_frame("s", SUITE, BROKEN)
            record(con, report, run_id="r", checked_at=datetime(2018, 1, 1))  # noqa: DTZ001
        found = con.execute("select count(*), count(distinct suite) from quality.results")
        assert found.fetchone() == (len(SUITE.expectations), 1)


@pytest.mark.parametrize(("reason", "is_passed"), [("", False), (" \n", False), ("a\nb", True)])
def test_a_member_without_a_word_of_reason_is_refused(reason: str, *, is_passed: bool) -> None:
    row = {"segment": "s", "customer_id": "c", "entered_on": datetime(2018, 1, 1)}  # noqa: DTZ001
    frame = pd.DataFrame([row | {"reasons_en": reason, "reasons_fr": "x"}])
    assert runner.run_suite("segment_members", frame).passed is is_passed


def score(name: str, percentile: float, reasons: str | None, *, is_used: bool = True) -> Row:
    return {
        "customer_id": f"{name} {percentile}",
        "score": name,
        "subject": "",
        "probability": 0.5,
        "percentile": percentile,
        "model_version": "1",
        "used": is_used,
        "reasons": reasons,
        "as_of_date": datetime(2018, 1, 1),  # noqa: DTZ001
    }


EXPLAINED = [
    score("attrition_28d", 0.2, "[…]"),
    score("attrition_56d", 0.3, None, is_used=False),
    score("appetence", 0.95, "[…]"),
    score("appetence", 0.9, None),
]


@pytest.mark.parametrize("run", ["by rows", "by counts"])
def test_attrition_and_the_likeliest_tenth_of_appetence_need_their_reasons(run: str) -> None:
    suite = runner.load_suites()["scores"]

    def unexplained(rows: list[Row]) -> int:
        frame = pd.DataFrame(rows)
        if run == "by rows":
            report = runner.check_frame("scores", suite, frame)
        else:
            with duckdb.connect() as con:
                con.register("t", frame)
                report = runner.check_profile("scores", suite, con, "select * from t")
        assert {one.column for one in report.failures} <= {"reasons"}
        return len(report.failures)

    assert unexplained(EXPLAINED) == 0
    assert unexplained([*EXPLAINED, score("attrition_own_rhythm", 0.1, None)]) == 1
    assert unexplained([*EXPLAINED, score("appetence", 0.99, None)]) == 1
