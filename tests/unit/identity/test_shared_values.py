"""Family mailboxes, kiosks, a call centre's number and placeholders: nobody becomes one of many."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb
import jinja2
import pytest

from identity.cluster import ClusterReport, cluster
from identity.linking.link import ensure_tables

DBT = Path(__file__).parents[3] / "dbt_project"
SEED = 20260131
HOUSEHOLDS = 150
NAMES = [f"prenom{n:02d}" for n in range(40)]
Row = tuple[str, str, str, bool, str | None, str | None, date | None]


def render(name: str) -> str:
    """The SQL of the real model on the tables of this test."""
    folder = jinja2.Environment(loader=jinja2.FileSystemLoader(DBT))  # noqa: S701 - SQL, not HTML
    macros = folder.get_template("macros/keys.sql").module
    return folder.get_template(f"models/intermediate/{name}.sql").render(
        full_name=macros.full_name,  # type: ignore[attr-defined]
        ref=lambda table: f"{'seeds' if table.startswith('identity_') else 'intermediate'}.{table}",
    )


def base() -> tuple[list[Row], dict[str, int]]:
    """Observations of families, and the truth: record → person."""
    chance = random.Random(SEED)  # noqa: S311
    rows: list[Row] = []
    truth: dict[str, int] = {}
    for person in range(HOUSEHOLDS * 3):
        home = person // 3
        # A household's people have one last name, one mailbox, and first names of their own.
        first, last = NAMES[(home + 7 * (person % 3)) % len(NAMES)], f"nom{home}"
        born = date(1950, 1, 1) + timedelta(days=97 * person % 20000)
        for copy in range(1 + chance.randrange(3)):
            record = f"{('shop', 'crm', 'tills')[copy]}|{person:04d}"
            truth[record] = person
            known = None if chance.random() < 0.4 else born
            own = (first, last, known)
            rows.append((record, "email", f"famille{home}@b.fr", True, *own))
            rows.append((record, "phone", f"+336{person:08d}", False, *own))
            if chance.random() < 0.3:
                rows.append((record, "cookie", "web|kiosk", True, *own))
            if chance.random() < 0.3:
                rows.append((record, "phone", "+33100000001", False, *own))
            if chance.random() < 0.3:
                rows.append((record, "email", "noreply@boutique.fr", True, None, None, None))
            if chance.random() < 0.2:
                rows.append((record, "phone", "+33600000000", False, *own))
    return rows, truth


@pytest.fixture(scope="module")
def clustered() -> Iterator[tuple[duckdb.DuckDBPyConnection, ClusterReport]]:
    rows, truth = base()
    with duckdb.connect() as con:
        con.execute("create schema intermediate; create schema seeds")
        for seed in ("identity_rules", "identity_guards", "identity_blocked_values"):
            con.execute(
                f"create table seeds.{seed} as from read_csv('{DBT}/seeds/{seed}.csv', header=true)"
            )
        con.execute(
            "create table rows_ (record_id varchar, identifier_kind varchar, identifier_value"
            " varchar, is_verified bool, first_name varchar, last_name varchar, birth_date date)"
        )
        con.executemany("insert into rows_ values (?, ?, ?, ?, ?, ?, ?)", rows)
        con.execute("create table truth (record_id varchar, person bigint)")
        con.executemany("insert into truth values (?, ?)", list(truth.items()))
        con.execute("""
            create table intermediate.int_identity__observed as
            select rows_.*, (
                select max(blocked.reason) from seeds.identity_blocked_values as blocked
                where blocked.identifier_kind = rows_.identifier_kind
                    and rows_.identifier_value like blocked.identifier_value
            ) as blocked_reason
            from rows_;
            create table intermediate.int_identity__records as select record_id from truth;
            create table intermediate.int_identity__described as
            select record_id, max(first_name) as first_name, max(birth_date) as birth_date
            from rows_ group by record_id
        """)
        for name in ("int_identity__weighed", "int_identity__edges"):
            con.execute(f"create table intermediate.{name} as {render(name)}")
        ensure_tables(con)
        yield con, cluster(con)


def test_people_are_found_and_nobody_is_two(
    clustered: tuple[duckdb.DuckDBPyConnection, ClusterReport],
) -> None:
    con, report = clustered
    pairs = """
        select count(*), count(*) filter (where one.person = other.person)
        from {0} as one inner join {0} as other
            on one.{1} = other.{1} and one.record_id < other.record_id
    """
    con.execute(
        "create or replace temp view found as select * from truth"
        " inner join intermediate.identity_clusters using (record_id)"
    )
    joined, right = con.execute(pairs.format("found", "cluster_id")).fetchone() or (0, 0)
    (wanted, _) = con.execute(pairs.format("found", "person")).fetchone() or (0, 0)
    print(f"seed {SEED}: precision {right / joined:.4f}, recall {right / wanted:.4f}")  # noqa: T201
    assert wanted > 300
    assert right == joined
    assert right / wanted >= 0.95
    assert report.largest_cluster <= 3


def test_what_is_shared_joins_nobody_and_says_why(
    clustered: tuple[duckdb.DuckDBPyConnection, ClusterReport],
) -> None:
    con, _ = clustered
    told = con.execute(
        "select identifier_value, reason_not from intermediate.int_identity__weighed"
        " where identifier_value in ('web|kiosk', '+33100000001', 'noreply@boutique.fr',"
        " '+33600000000')"
    ).fetchall()
    assert {value: Counter(r for v, r in told if v == value).most_common(1)[0][0]
            for value, _ in told} == {
        "web|kiosk": "too_many_records",
        "+33100000001": "too_many_records",
        "noreply@boutique.fr": "nobody_reads_it",
        "+33600000000": "placeholder",
    }  # fmt: skip
    assert None not in {reason for _, reason in told}


def test_a_value_of_many_records_is_never_expanded_into_pairs(
    clustered: tuple[duckdb.DuckDBPyConnection, ClusterReport],
) -> None:
    con, report = clustered
    (rows,) = con.execute(
        "select count(*) from intermediate.int_identity__observed"
    ).fetchone() or (0,)
    (weighed,) = con.execute(
        "select count(*) from intermediate.int_identity__weighed"
    ).fetchone() or (0,)
    rules = 11
    assert weighed <= rows * rules
    assert report.edge_count <= weighed
