"""The connected components of the evidence, found by contraction.

The edges never leave the warehouse. Each round is two SQL statements over a table `label` that
gives every record a smaller or equal record:

1. *hook*: the root of each record takes the smallest root among its neighbours;
2. *jump*: every record takes its root's root, so that chains halve.

Roots only ever decrease, so the rounds end; they end when no edge joins two roots, and then each
component carries its smallest record id. A chain of n records takes about log2(n) rounds, not n.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def contract(con: DuckDBPyConnection) -> int:
    """Fill the temporary table `label` (record_id, root) from `touched` and `joining`.

    How many rounds it took. Edges that leave the touched records do not exist: who touched one
    end touched the other. Records without an edge join last: no round has to pass over them.
    """
    con.execute("""
        create or replace temp table label as
        select record_id, record_id as root from touched
        semi join (
            select record_id from joining union all select other_record_id from joining
        ) as ends using (record_id)
    """)
    rounds = 0
    while _hook(con):
        rounds += 1
        while _jump(con):
            pass
    con.execute("drop table hook")
    con.execute(
        "insert into label select record_id, record_id as root from touched"
        " anti join label using (record_id)"
    )
    return rounds


def _hook(con: DuckDBPyConnection) -> int:
    """Points each root at the smallest root next to it; how many roots moved."""
    con.execute("""
        create or replace temp table hook as
        with joined as (
            select one.root as root, other.root as smaller
            from joining as edges
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
