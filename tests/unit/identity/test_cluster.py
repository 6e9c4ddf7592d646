"""Clusters are what the evidence joins within the guards, whatever the order and the shape."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.cluster import ClusterReport, cluster
from identity.guards import Bounds
from tests.fixtures.identity_records import (
    FREE,
    Inputs,
    Shared,
    by_the_slow_road,
    clustered,
    clusters_of,
    decided,
    evidence_of,
    open_warehouse,
)

TIGHT = Bounds(record_count=6, birth_date_count=1, first_name_count=2)
BIRTHS = (None, None, date(1980, 1, 1), date(1990, 1, 1))
NAMES = (None, "anne", "luc", "zoe")


@pytest.fixture(scope="module")
def free() -> Iterator[duckdb.DuckDBPyConnection]:
    with open_warehouse() as connection:
        yield connection


@pytest.fixture(scope="module")
def tight() -> Iterator[duckdb.DuckDBPyConnection]:
    with open_warehouse(TIGHT) as connection:
        yield connection


def name(number: int) -> str:
    return f"s|{number:05d}"


@st.composite
def people(draw: st.DrawFn) -> Inputs:
    """Values that records share, links, decisions, birth dates and names; guests have neither."""
    records = [name(n) for n in range(draw(st.integers(1, 14)))]
    one = st.sampled_from(records)
    values = [
        Shared(tuple(sorted(members)), rule, trust, f"value {number}")
        for number, (members, (rule, trust)) in enumerate(
            draw(
                st.lists(
                    st.tuples(
                        st.sets(one, min_size=1, max_size=6),
                        st.sampled_from((("card", 1.0), ("email", 0.95), ("home", 0.8))),
                    ),
                    max_size=10,
                )
            )
        )
    ]
    pairs = st.tuples(one, one).filter(lambda pair: pair[0] < pair[1])
    links = {} if len(records) == 1 else draw(st.dictionaries(pairs, st.sampled_from((0.9, 0.99))))
    kinds = st.sampled_from(("same", "never_same", "never_same"))
    said = {} if len(records) == 1 else draw(st.dictionaries(pairs, kinds, max_size=3))
    traits = st.tuples(st.sampled_from(BIRTHS), st.sampled_from(NAMES))
    return Inputs(
        records,
        values,
        {record: draw(traits) for record in records},
        [(*pair, probability) for pair, probability in links.items()],
        [decided(kind, *pair) for pair, kind in said.items()],
    )


def shuffled(inputs: Inputs, shuffler: random.Random) -> Inputs:
    def mixed(values: Sequence[Any]) -> list[Any]:
        return sorted(values, key=lambda _: shuffler.random())

    return replace(
        inputs,
        records=mixed(inputs.records),
        shared=mixed(inputs.shared),
        links=mixed(inputs.links),
        decisions=mixed(inputs.decisions),
    )


def forget(con: duckdb.DuckDBPyConnection) -> None:
    """As on the first day: nothing was ever clustered."""
    con.execute("drop table if exists intermediate.identity_fingerprints")
    con.execute("drop table if exists intermediate.identity_clusters")
    con.execute("drop table if exists intermediate.identity_evidence")


@settings(max_examples=25, deadline=None, print_blob=True)
@given(people())
def test_without_guards_clusters_are_the_connected_components(
    free: duckdb.DuckDBPyConnection, drawn: Inputs
) -> None:
    found, report = clustered(free, replace(drawn, decisions=()))
    assert found == by_the_slow_road(replace(drawn, decisions=()), FREE)
    assert report.record_count == len(drawn.records)
    assert report.cluster_count == len(set(found.values()))
    assert report.cut_count == 0


@settings(max_examples=30, deadline=None, print_blob=True)
@given(people(), st.randoms(use_true_random=False))
def test_guards_hold_in_any_order_and_the_least_trusted_evidence_is_cut(
    tight: duckdb.DuckDBPyConnection, drawn: Inputs, shuffler: random.Random
) -> None:
    forget(tight)
    found, report = clustered(tight, drawn)
    assert found == by_the_slow_road(drawn, TIGHT)
    evidence = evidence_of(tight)
    for one in drawn.decisions:
        if one.decision == "never_same":
            assert found[one.record_id] != found[one.other_record_id]
    for record, other, *_, is_used, reason in evidence:
        assert is_used == (found[record] == found[other]) or reason is not None
        assert is_used == (reason is None)
    assert report.cut_count == sum(not row[-2] for row in evidence)

    forget(tight)
    assert clustered(tight, shuffled(drawn, shuffler))[0] == found
    assert evidence_of(tight) == evidence


@settings(max_examples=25, deadline=None, print_blob=True)
@given(people(), people())
def test_a_change_gives_what_a_clustering_of_everything_gives(
    tight: duckdb.DuckDBPyConnection, before: Inputs, after: Inputs
) -> None:
    forget(tight)
    clustered(tight, before)
    found, _ = clustered(tight, after)
    evidence = evidence_of(tight)
    forget(tight)
    assert clustered(tight, after)[0] == found
    assert evidence_of(tight) == evidence


@settings(max_examples=10, deadline=None, print_blob=True)
@given(people())
def test_clustering_twice_looks_at_nobody_again(
    tight: duckdb.DuckDBPyConnection, drawn: Inputs
) -> None:
    found, first = clustered(tight, drawn)
    evidence = evidence_of(tight)
    again = cluster(tight, drawn.decisions)
    assert clusters_of(tight) == found
    assert evidence_of(tight) == evidence
    assert again.touched_count == 0
    assert again.cluster_count == first.cluster_count


def test_growth_by_one_in_a_hundred_touches_only_what_it_joins(
    tight: duckdb.DuckDBPyConnection,
) -> None:
    pairs = [(name(2 * n), name(2 * n + 1)) for n in range(200)]
    shared = [Shared(pair, value=f"{n}@b.fr") for n, pair in enumerate(pairs)]
    forget(tight)
    before, _ = clustered(tight, Inputs([r for pair in pairs for r in pair], shared))
    new = [f"t|{n}" for n in range(4)]
    grown = [*shared[:2], Shared((*pairs[2], new[0]), value="2@b.fr"), *shared[3:]]
    after, report = clustered(tight, Inputs([*before, *new], grown))
    assert {record: after[record] for record in before} == before
    assert after[new[0]] == pairs[2][0]
    assert report.touched_count == len(pairs[2]) + len(new)


@pytest.mark.parametrize("shape", ["forward", "backward", "shuffled", "zigzag"])
def test_a_long_chain_is_one_cluster_in_few_rounds(
    free: duckdb.DuckDBPyConnection, shape: str
) -> None:
    length = 3000
    order = list(range(length))
    if shape == "backward":
        order.reverse()
    if shape == "shuffled":
        random.Random(7).shuffle(order)  # noqa: S311
    if shape == "zigzag":
        order = [n // 2 if n % 2 == 0 else length - 1 - n // 2 for n in range(length)]
    links = [
        Shared((name(a), name(b)), value=f"{number}")
        for number, (a, b) in enumerate(pairwise(order))
    ]
    found, report = clustered(free, Inputs([name(n) for n in range(length)], links))
    assert set(found.values()) == {name(0)}
    assert report.largest_cluster == length
    assert report.round_count <= 15


def test_a_chain_of_more_records_than_a_person_has_is_cut(
    tight: duckdb.DuckDBPyConnection,
) -> None:
    links = [Shared((name(n), name(n + 1)), value=f"{n:02d}") for n in range(20)]
    found, report = clustered(tight, Inputs([name(n) for n in range(21)], links))
    assert report.largest_cluster <= TIGHT.record_count
    assert report.divided_count == 1
    assert {row[-1] for row in evidence_of(tight)} == {None, "too_many_records"}
    assert len(set(found.values())) > 1


def test_without_evidence_everybody_is_alone(free: duckdb.DuckDBPyConnection) -> None:
    forget(free)
    found, report = clustered(free, Inputs(["b|1", "a|1"]))
    assert found == {"a|1": "a|1", "b|1": "b|1"}
    assert report == ClusterReport(2, 0, 2, 1, 0, touched_count=2)


def test_a_failed_clustering_leaves_the_clusters_as_they_were(
    free: duckdb.DuckDBPyConnection,
) -> None:
    found, _ = clustered(free, Inputs(["a|1", "b|1"], [Shared(("a|1", "b|1"))]))
    free.execute("alter table intermediate.int_identity__edges rename other_record_id to lost")
    with pytest.raises(duckdb.BinderException):
        cluster(free)
    assert clusters_of(free) == found
