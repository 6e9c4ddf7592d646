"""Clusters are the connected components of the evidence, whatever the order and the shape."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from itertools import pairwise

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.cluster import ClusterReport, cluster

Edge = tuple[str, str]


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("create schema intermediate")
        yield connection


def clustered(
    con: duckdb.DuckDBPyConnection, records: Iterable[str], edges: Iterable[Edge]
) -> tuple[dict[str, str], ClusterReport]:
    con.execute("create or replace table intermediate.int_identity__records (record_id varchar)")
    con.execute(
        "create or replace table intermediate.int_identity__edges "
        "(record_id varchar, other_record_id varchar)"
    )
    con.execute(
        "insert into intermediate.int_identity__records select unnest(?::varchar[])",
        [list(records)],
    )
    pairs = list(edges)
    con.execute(
        "insert into intermediate.int_identity__edges "
        "select unnest(?::varchar[]), unnest(?::varchar[])",
        [[one for one, _ in pairs], [other for _, other in pairs]],
    )
    report = cluster(con)
    rows = con.execute("select record_id, cluster_id from intermediate.identity_clusters")
    return dict(rows.fetchall()), report


def union_find(records: Iterable[str], edges: Iterable[Edge]) -> dict[str, str]:
    """The oracle: each record with the smallest record it is joined to."""
    parent = {record: record for record in records}

    def root(record: str) -> str:
        while parent[record] != record:
            record = parent[record]
        return record

    for one, other in edges:
        small, great = sorted((root(one), root(other)))
        parent[great] = small
    return {record: root(record) for record in parent}


def name(number: int) -> str:
    return f"s|{number:05d}"


@st.composite
def evidence(draw: st.DrawFn) -> tuple[list[str], list[Edge]]:
    records = [name(n) for n in range(draw(st.integers(1, 25)))]
    one = st.sampled_from(records)
    return records, draw(st.lists(st.tuples(one, one), max_size=40))


@settings(max_examples=60, deadline=None, print_blob=True)
@given(evidence(), st.randoms(use_true_random=False))
def test_clusters_are_the_connected_components_in_any_order(
    con: duckdb.DuckDBPyConnection,
    drawn: tuple[list[str], list[Edge]],
    shuffler: random.Random,
) -> None:
    records, edges = drawn
    found, report = clustered(con, records, edges)
    assert found == union_find(records, edges)
    assert report.record_count == len(records)
    assert report.cluster_count == len(set(found.values()))

    shuffled = [edge[::-1] if shuffler.random() < 0.5 else edge for edge in edges]
    shuffler.shuffle(shuffled)
    mixed = shuffler.sample(records, len(records))
    assert clustered(con, mixed, shuffled)[0] == found


@settings(max_examples=20, deadline=None, print_blob=True)
@given(evidence())
def test_clustering_twice_changes_nothing(
    con: duckdb.DuckDBPyConnection, drawn: tuple[list[str], list[Edge]]
) -> None:
    found, first = clustered(con, *drawn)
    second = cluster(con)
    rows = con.execute("select record_id, cluster_id from intermediate.identity_clusters")
    assert dict(rows.fetchall()) == found
    assert second == first


@settings(max_examples=20, deadline=None, print_blob=True)
@given(evidence(), st.integers(0, 40))
def test_more_evidence_only_ever_joins(
    con: duckdb.DuckDBPyConnection, drawn: tuple[list[str], list[Edge]], kept: int
) -> None:
    records, edges = drawn
    fewer, _ = clustered(con, records, edges[:kept])
    more, _ = clustered(con, records, edges)
    assert {(more[a], fewer[a]) for a in records} >= {(more[a], fewer[a]) for a in fewer}
    for record in records:
        assert more[record] == more[fewer[record]]


@pytest.mark.parametrize("shape", ["forward", "backward", "shuffled", "zigzag"])
def test_a_long_chain_is_one_cluster_in_few_rounds(
    con: duckdb.DuckDBPyConnection, shape: str
) -> None:
    length = 3000
    order = list(range(length))
    if shape == "backward":
        order.reverse()
    if shape == "shuffled":
        random.Random(7).shuffle(order)  # noqa: S311
    if shape == "zigzag":
        order = [n // 2 if n % 2 == 0 else length - 1 - n // 2 for n in range(length)]
    edges = [(name(a), name(b)) for a, b in pairwise(order)]
    found, report = clustered(con, map(name, range(length)), edges)
    assert set(found.values()) == {name(0)}
    assert report.largest_cluster == length
    assert report.round_count <= 15


def test_without_evidence_everybody_is_alone(con: duckdb.DuckDBPyConnection) -> None:
    found, report = clustered(con, ["b|1", "a|1"], [])
    assert found == {"a|1": "a|1", "b|1": "b|1"}
    assert report == ClusterReport(2, 0, 2, 1, 0)


def test_a_failed_clustering_leaves_the_clusters_as_they_were(
    con: duckdb.DuckDBPyConnection,
) -> None:
    found, _ = clustered(con, ["a|1", "b|1"], [("a|1", "b|1")])
    con.execute("alter table intermediate.int_identity__edges rename other_record_id to lost")
    with pytest.raises(duckdb.BinderException):
        cluster(con)
    rows = con.execute("select record_id, cluster_id from intermediate.identity_clusters")
    assert dict(rows.fetchall()) == found
