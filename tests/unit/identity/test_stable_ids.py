"""The same people have the same ids, in any order of the rows and however the base grows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import jinja2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fixtures.identity_records import Inputs, Shared, clustered, open_warehouse

DBT = Path(__file__).parents[3] / "dbt_project"
FIRST_DAY = datetime.fromisoformat("2020-01-01")
Days = Mapping[str, int]


def model(name: str) -> str:
    """The SQL of the real model, with the real macros, on the tables of a test."""
    loader = jinja2.Environment(loader=jinja2.FileSystemLoader(DBT))  # noqa: S701 - SQL, not HTML
    macros = loader.get_template("macros/keys.sql").module
    named = {key: getattr(macros, key) for key in ("founded_customer_id", "sha256_hex")}
    text = loader.get_template(f"models/intermediate/{name}.sql")
    tables = {"ref": "intermediate.{}".format, "source": "intermediate.{1}".format}
    return text.render(**named, **tables)


RESOLVED = model("int_identity__resolved")


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with open_warehouse() as warehouse:
        yield warehouse


def ids(con: duckdb.DuckDBPyConnection, inputs: Inputs, days: Days) -> dict[str, str]:
    """Record → customer_id, as the warehouse gives it."""
    clustered(con, inputs)
    rows = [
        (record, *record.split("|"), False, FIRST_DAY + timedelta(days=days[record]))
        for record in inputs.records
    ]
    con.execute(
        "create or replace table intermediate.int_identity__records (record_id varchar,"
        " source_system varchar, customer_key varchar, is_test bool, first_seen_at timestamp)"
    )
    con.executemany("insert into intermediate.int_identity__records values (?, ?, ?, ?, ?)", rows)
    found = con.execute(f"select record_id, customer_id from ({RESOLVED})").fetchall()
    con.execute("create or replace table intermediate.int_identity__records (record_id varchar)")
    return dict(found)


def founded_by(record: str) -> str:
    return "c_" + hashlib.sha256(record.encode()).hexdigest()[:16]


@st.composite
def bases(draw: st.DrawFn) -> tuple[Inputs, dict[str, int]]:
    records = [f"{'ab'[n % 2]}|{n:02d}" for n in range(draw(st.integers(2, 12)))]
    members = st.sets(st.sampled_from(records), min_size=2, max_size=3)
    groups = draw(st.lists(members, max_size=6))
    shared = [Shared(tuple(sorted(group)), value=f"{n}") for n, group in enumerate(groups)]
    days = {record: draw(st.integers(0, 3)) for record in records}
    return Inputs(records, shared), days


@settings(max_examples=25, deadline=None, print_blob=True)
@given(bases(), st.randoms(use_true_random=False))
def test_a_full_rebuild_in_any_order_gives_the_same_ids(
    con: duckdb.DuckDBPyConnection, drawn: tuple[Inputs, dict[str, int]], shuffler: object
) -> None:
    inputs, days = drawn
    found = ids(con, inputs, days)
    con.execute("drop table intermediate.identity_fingerprints")
    mixed = sorted(inputs.records, key=lambda _: shuffler.random())  # type: ignore[attr-defined]
    again = Inputs(mixed, sorted(inputs.shared, key=lambda one: one.value, reverse=True))
    assert ids(con, again, days) == found
    for customer_id in set(found.values()):
        records = [record for record in found if found[record] == customer_id]
        founder = min(records, key=lambda record: (days[record], *record.split("|")))
        assert customer_id == founded_by(founder)


@settings(max_examples=25, deadline=None, print_blob=True)
@given(bases(), st.data())
def test_growth_changes_only_the_ids_of_clusters_that_it_joins(
    con: duckdb.DuckDBPyConnection, drawn: tuple[Inputs, dict[str, int]], data: st.DataObject
) -> None:
    inputs, days = drawn
    before = ids(con, inputs, days)
    joined = data.draw(st.sets(st.sampled_from(list(inputs.records)), max_size=2))
    new = Shared((*sorted(joined), "c|99"), value="new")
    grown = Inputs([*inputs.records, "c|99"], [*inputs.shared, new])
    after = ids(con, grown, days | {"c|99": data.draw(st.integers(0, 5))})
    touched = {before[record] for record in joined}
    assert all(after[r] == before[r] for r in before if before[r] not in touched)
    # Who was one person stays one, and every id is that of one of its records.
    assert len({after[r] for r in before if before[r] in touched}) <= 1
    assert all(
        after[r] in {founded_by(one) for one in after if after[one] == after[r]} for r in after
    )
