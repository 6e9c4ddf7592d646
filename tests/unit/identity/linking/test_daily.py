"""Days of random changes and deletions: links, clusters, evidence are those of a full rebuild."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.cluster import cluster
from identity.guards import Bounds
from identity.linking.link import LinkReport, link_records
from tests.fixtures.identity_records import clusters_of, evidence_of, open_warehouse
from tests.fixtures.linked_people import COLUMNS, Row, again, everybody, person, store

SEED = 23
BOUNDS = Bounds(40, 1, 3)
KEPT = "from intermediate.identity_link_rows order by all"
LINKS = "from intermediate.identity_links order by all"
COPIED = ("first_name", "last_name", "birth_date", "email", "phone", "postal_code")
Edit = tuple[str, int, int, str]
EDITS = st.lists(
    st.tuples(
        st.sampled_from(("delete", "retype", "empty", "copy", "newcomer", "again", "crowd")),
        st.integers(0, 400),
        st.integers(0, 400),
        st.sampled_from(COPIED),
    ),
    min_size=1,
    max_size=12,
)


@pytest.fixture(scope="module")
def people() -> list[Row]:
    return everybody(SEED, 200)


@pytest.fixture(scope="module")
def model_file(tmp_path_factory: pytest.TempPathFactory, people: list[Row]) -> Path:
    path = tmp_path_factory.mktemp("model") / "linker.json"
    with duckdb.connect() as con:
        store(con, people)
        link_records(con, seed=SEED, model_file=path)
    return path


def a_day(con: duckdb.DuckDBPyConnection, rows: list[Row], model_file: Path) -> LinkReport:
    store(con, rows)
    con.execute("""
        create or replace table intermediate.int_identity__records as
        select record_id from intermediate.int_identity__profiles;
        create or replace table intermediate.int_identity__described as
        select record_id, birth_date::date as birth_date, lower(first_name) as first_name
        from intermediate.int_identity__profiles
    """)
    report = link_records(con, seed=SEED, model_file=model_file)
    cluster(con)
    return report


def outcome(con: duckdb.DuckDBPyConnection) -> list[Any]:
    return [
        con.execute(LINKS).fetchall(),
        clusters_of(con),
        evidence_of(con),
        con.execute(KEPT).fetchall(),
    ]


def rebuilt(rows: list[Row], model_file: Path) -> list[Any]:
    with open_warehouse(BOUNDS) as con:
        a_day(con, rows, model_file)
        return outcome(con)


def edited(rows: list[Row], edits: list[Edit]) -> list[Row]:
    """The rows after some edits; a crowd is thirty people who come to share one value."""
    now = {str(row["record_id"]): row for row in rows}
    for kind, one, other, column in edits:
        rng = random.Random(one)  # noqa: S311 - not for secrets
        ids = sorted(now)
        record, source = ids[one % len(ids)], ids[other % len(ids)]
        if kind == "delete":
            del now[record]
        elif kind == "newcomer":
            now[f"shop|{one + 1000}"] = person(rng, one + 1000)
        elif kind == "again":
            now[f"web|{one}"] = again(rng, now[record]) | {"record_id": f"web|{one}"}
        elif kind == "crowd":
            for number in range(one, one + other % 31):
                member = ids[number % len(ids)]
                now[member] = now[member] | {column: now[source][column]}
        else:
            value = {"empty": None, "copy": now[source][column], "retype": f"Élo {other}"}[kind]
            now[record] = now[record] | {column: None if column == "birth_date" else value}
    return list(now.values())


@settings(max_examples=10, deadline=None, print_blob=True)
@given(days=st.lists(EDITS, min_size=1, max_size=3))
def test_after_any_days_of_changes_and_deletions_all_is_as_built_at_once(
    people: list[Row], model_file: Path, days: list[list[Edit]]
) -> None:
    rows = people
    with open_warehouse(BOUNDS) as con:
        a_day(con, rows, model_file)
        for edits in days:
            rows = edited(rows, edits)
            a_day(con, rows, model_file)
        found = outcome(con)
    assert found == rebuilt(rows, model_file)


def test_a_block_that_grows_past_its_limit_and_shrinks_again_is_as_built_at_once(
    people: list[Row], model_file: Path
) -> None:
    # Records of a telephone number and nothing else: the block is all that two of them share.
    shared = dict.fromkeys(COLUMNS[1:]) | {"phone": "+33612345678"}
    with open_warehouse(BOUNDS) as con:
        a_day(con, people, model_file)
        for size in (19, 20, 21, 20):
            rows = [row | shared if number < size else row for number, row in enumerate(people)]
            a_day(con, rows, model_file)
            found = outcome(con)
            assert found == rebuilt(rows, model_file)
            pairs = {(one, other) for one, other, *_ in found[0]}
            ids = sorted(str(row["record_id"]) for row in rows[:size])
            assert ((ids[0], ids[1]) in pairs) == (size <= 20)


def test_what_an_erasure_takes_out_of_the_kept_rows_is_not_forgotten_in_their_blocks(
    people: list[Row], model_file: Path
) -> None:
    shared = dict.fromkeys(COLUMNS[1:]) | {"phone": "+33612345678"}
    rows = [row | shared if number < 21 else row for number, row in enumerate(people)]
    erased = rows[0]["record_id"]
    with open_warehouse(BOUNDS) as con:
        a_day(con, rows, model_file)
        for table in ("identity_link_rows", "identity_clusters", "identity_evidence"):
            con.execute(f"delete from intermediate.{table} where record_id = ?", [erased])
        a_day(con, rows[1:], model_file)
        assert outcome(con) == rebuilt(rows[1:], model_file)


def test_a_name_that_becomes_frequent_scores_its_bearers_again_and_nobody_else(
    people: list[Row], model_file: Path
) -> None:
    rare = [row | {"last_name": "Quemener"} for row in people[:2]]
    rows = [*rare, *people[2:]]
    newcomer = person(random.Random(SEED), 7000)  # noqa: S311 - not for secrets
    later = [*rows, newcomer | {"last_name": "Quemener", "postal_code": "99000"}]
    with open_warehouse(BOUNDS) as con:
        whole = a_day(con, rows, model_file)
        report = a_day(con, later, model_file)
        assert report.changed_count == 1
        assert report.scored_pair_count < whole.scored_pair_count / 4
        assert outcome(con) == rebuilt(later, model_file)
