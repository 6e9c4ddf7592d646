"""Groups records into persons: the connected components of the evidence, found by contraction.

The edges never leave the warehouse. Each round is two SQL statements over a table `label` that
gives every record a smaller or equal record:

1. *hook*: the root of each record takes the smallest root among its neighbours;
2. *jump*: every record takes its root's root, so that chains halve.

Roots only ever decrease, so the rounds end; they end when no edge joins two roots, and then each
cluster carries its smallest record id. A chain of n records takes about log2(n) rounds, not n.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contract.sql import transaction

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

RECORDS = "intermediate.int_identity__records"
EDGES = "intermediate.int_identity__edges"
CLUSTERS = "intermediate.identity_clusters"


@dataclass(frozen=True)
class ClusterReport:
    """What one clustering found: records in, edges read, persons out, rounds taken."""

    record_count: int
    edge_count: int
    cluster_count: int
    largest_cluster: int
    round_count: int


def cluster(con: DuckDBPyConnection) -> ClusterReport:
    """Rewrites intermediate.identity_clusters: each record with its person's smallest record.

    The result depends on the set of records and edges alone, never on their order, and is replaced
    in one transaction: a killed run leaves the previous clusters.
    """
    # Contracted outside the transaction: DuckDB knows nothing of the size of a table that is not
    # committed, and joined 16,000 records with each other first.
    rounds = _contract(con)
    with transaction(con):
        return _store(con, rounds)


def _contract(con: DuckDBPyConnection) -> int:
    con.execute(
        f"create or replace temp table label as select record_id, record_id as root from {RECORDS}"
    )
    rounds = 0
    while _hook(con):
        rounds += 1
        while _jump(con):
            pass
    return rounds


def _hook(con: DuckDBPyConnection) -> int:
    """Points each root at the smallest root next to it; how many roots moved."""
    con.execute(f"""
        create or replace temp table hook as
        with joined as (
            select one.root as root, other.root as smaller
            from {EDGES} as edges
            inner join label as one on edges.record_id = one.record_id
            inner join label as other on edges.other_record_id = other.record_id
        )
        select greatest(root, smaller) as root, min(least(root, smaller)) as smaller
        from joined
        where root <> smaller
        group by greatest(root, smaller)
    """)
    return _changed(
        con,
        "update label set root = hook.smaller from hook where label.record_id = hook.root",
    )


def _jump(con: DuckDBPyConnection) -> int:
    """Points each record at its root's root; how many records moved."""
    return _changed(
        con,
        """
        update label set root = above.root from label as above
        where label.root = above.record_id and label.root <> above.root
        """,
    )


def _changed(con: DuckDBPyConnection, update: str) -> int:
    row = con.execute(update).fetchone()
    return int(row[0]) if row else 0


def _store(con: DuckDBPyConnection, rounds: int) -> ClusterReport:
    con.execute(
        f"create or replace table {CLUSTERS} as "
        "select record_id, root as cluster_id from label order by record_id"
    )
    records, clusters, largest = _one_row(
        con,
        f"""
        select coalesce(sum(size), 0), count(*), coalesce(max(size), 0)
        from (select count(*) as size from {CLUSTERS} group by cluster_id)
        """,
    )
    (edges,) = _one_row(con, f"select count(*) from {EDGES}")
    con.execute("drop table label")
    con.execute("drop table if exists hook")
    return ClusterReport(records, edges, clusters, largest, rounds)


def _one_row(con: DuckDBPyConnection, sql: str) -> tuple[int, ...]:
    row = con.execute(sql).fetchone()
    return tuple(int(value) for value in row or ())
