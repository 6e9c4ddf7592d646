"""Every member has a reason in words, also where a child mart or another segment selected it."""

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from sqlalchemy import Engine

from activation.definitions import load_segments
from activation.segments import materialise
from tests.fixtures.small_marts import AS_OF, columns

HEAD: dict[str, Any] = {
    "title": {"en": "x", "fr": "x"},
    "description": {"en": "x", "fr": "x"},
    "owner": "crm",
}
COFFEE = {
    "has": {
        "mart": "customer_categories",
        "where": [
            {"column": "category", "is": "COFFEE"},
            {"column": "appetence_percentile", "at_least": 0.9},
        ],
    }
}
SEEN = {"has": {"mart": "customer_products_seen"}}


def reasons(
    con: duckdb.DuckDBPyConnection, engine: Engine, folder: Path, **files: Any
) -> dict[str, tuple[str, str]]:
    """Reasons of the members of the last of these segments."""
    for name, where in files.items():
        (folder / f"{name}.yml").write_text(yaml.safe_dump(HEAD | {"where": where}))
    segment = load_segments(folder, columns())[list(files)[-1]]
    materialise(con, engine, [segment], as_of=AS_OF, run_id="r1")
    rows = con.execute("select customer_id, reasons_en, reasons_fr from segments.members")
    return {customer_id: (english, french) for customer_id, english, french in rows.fetchall()}


@pytest.fixture(autouse=True)
def _coffee(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("delete from marts.customer_categories")
    con.execute(
        "insert into marts.customer_categories select customer_id, 'COFFEE', 2, 9.5, ?, false, "
        "0.41, 0.982 from marts.customer_360 order by customer_id limit 3",
        [date(2017, 11, 20)],
    )


def test_a_quantifier_says_the_values_of_the_row_that_it_counted(
    con: duckdb.DuckDBPyConnection, engine: Engine, folder: Path
) -> None:
    found = reasons(con, engine, folder, coffee={"all": [COFFEE]})
    assert len(found) == 3
    assert set(found.values()) == {
        (
            "category: COFFEE; appetence percentile: 98.2%; appetence probability: 41%; "
            "last ordered on: 2017-11-20",
            "category (fr) : COFFEE ; appetence percentile (fr) : 98,2\u202f% ; "
            "appetence probability (fr) : 41\u202f% ; last ordered on (fr) : 20/11/2017",
        )
    }


def test_a_segment_built_on_another_says_the_reasons_of_that_one(
    con: duckdb.DuckDBPyConnection, engine: Engine, folder: Path
) -> None:
    files = {"base": {"all": [COFFEE]}, "top": {"all": [{"segment": "base"}]}}
    found = reasons(con, engine, folder, **files)
    assert {english.split(";")[0] for english, _ in found.values()} == {"category: COFFEE"}


def test_no_row_is_said_in_words_too(
    con: duckdb.DuckDBPyConnection, engine: Engine, folder: Path
) -> None:
    found = reasons(con, engine, folder, without={"none": [COFFEE]})
    assert len(found) == 57
    said = "categories bought: none with (category: COFFEE; appetence percentile: at least 90%)"
    assert {english for english, _ in found.values()} == {said}


def test_many_rows_are_told_by_the_latest_three(
    con: duckdb.DuckDBPyConnection, engine: Engine, folder: Path
) -> None:
    con.execute("update marts.customer_360 set product_view_count = 5")
    con.execute(
        "insert into marts.customer_products_seen select 'c_0000000000000001', n, 'bio', "
        "?::date - n::int from range(5) as t(n)",
        [AS_OF],
    )
    [(english, _)] = reasons(con, engine, folder, seen={"all": [SEEN]}).values()
    days = ["2018-01-01", "2017-12-31", "2017-12-30"]
    assert english == "; ".join([f"last viewed on: {day}" for day in days]) + "; and 2 more"


def test_a_rule_on_a_direct_identifier_alone_says_the_rule(
    con: duckdb.DuckDBPyConnection, engine: Engine, folder: Path
) -> None:
    where = {"all": [{"column": "customer_key", "is": "00001"}]}
    [(english, french)] = reasons(con, engine, folder, one=where).values()
    assert english.startswith("Customers with ")
    assert french.startswith("Clients avec ")
