"""Groups records into persons: components of the evidence, divided where a guard is broken.

Only what changed since the last clustering is looked at again; the result is that of a clustering
of everything. It depends on the set of records, edges and decisions alone, never on their order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contract.sql import transaction
from identity.changes import CLUSTERS, FINGERPRINTS, find_touched
from identity.components import contract
from identity.evidence import DECISION, DESCRIBED, EVIDENCE, gather, prepare
from identity.guards import Bounds, Edge, Outcome, Parts, Traits, divide

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from identity.overrides import Decision

GUARDS = "seeds.identity_guards"


@dataclass(frozen=True)
class ClusterReport:
    """What one clustering found: records in, edges read, persons out, rounds taken.

    divided_count: components that broke a guard; cut_count: evidence refused in them, in all;
    touched_count: records that this clustering looked at, the others stayed as they were.
    """

    record_count: int
    edge_count: int
    cluster_count: int
    largest_cluster: int
    round_count: int
    divided_count: int = 0
    cut_count: int = 0
    touched_count: int = 0


def cluster(con: DuckDBPyConnection, decisions: Sequence[Decision] = ()) -> ClusterReport:
    """Rewrites intermediate.identity_clusters and identity_evidence.

    identity_clusters: each record with its person's smallest record. decisions: those that hold.
    Everything is replaced in one transaction: a killed run leaves the previous clusters.
    """
    bounds = read_bounds(con)
    prepare(con)
    gather(con, decisions)
    find_touched(con, bounds)
    # Contracted outside the transaction: DuckDB knows nothing of the size of a table that is not
    # committed, and joined 16,000 records with each other first.
    rounds = contract(con)
    divided = _divide(con, bounds)
    with transaction(con):
        _store(con)
    return _report(con, rounds, divided)


def read_bounds(con: DuckDBPyConnection) -> Bounds:
    """The bounds of the seed identity_guards."""
    counts = dict(con.execute(f"select guard, max_count from {GUARDS}").fetchall())
    return Bounds(counts["record_count"], counts["birth_date_count"], counts["first_name_count"])


def _divide(con: DuckDBPyConnection, bounds: Bounds) -> int:
    """Build the components that break a guard again; how many there were.

    Fills the temporary tables `part` (record_id, cluster_id) and `outcome` (as the evidence).
    """
    con.execute(
        f"""
        create or replace temp table breaking as
        select label.root
        from label
        semi join (select root from label where record_id <> root) as joined using (root)
        left join {DESCRIBED} as described on label.record_id = described.record_id
        group by label.root
        having count(*) > ? or count(distinct described.birth_date) > ?
            or count(distinct described.first_name) > ?
        union
        select one.root
        from apart
        inner join label as one on apart.record_id = one.record_id
        inner join label as other on apart.other_record_id = other.record_id
        where one.root = other.root
        """,
        [bounds.record_count, bounds.birth_date_count, bounds.first_name_count],
    )
    records = {
        record: Traits(birth_date, first_name)
        for record, birth_date, first_name in con.execute(f"""
            select label.record_id, described.birth_date, described.first_name
            from label
            inner join breaking on label.root = breaking.root
            left join {DESCRIBED} as described on label.record_id = described.record_id
        """).fetchall()
    }
    apart = con.execute("select record_id, other_record_id from apart").fetchall()
    parts = Parts(records, apart, bounds)
    outcomes = divide(parts, _edges(con))
    _keep(con, {record: parts.find(record) for record in records}, outcomes)
    row = con.execute("select count(*) from breaking").fetchone()
    return int(row[0]) if row else 0


def _edges(con: DuckDBPyConnection) -> list[Edge]:
    rows = con.execute(f"""
        select joining.record_id, joining.other_record_id, joining.rule, joining.identifier_kind,
            joining.value, joining.trust, joining.match_probability, joining.rule = '{DECISION}'
        from joining
        inner join label on joining.record_id = label.record_id
        inner join breaking on label.root = breaking.root
        inner join label as other on joining.other_record_id = other.record_id
    """).fetchall()
    return [Edge(*row) for row in rows]


def _keep(con: DuckDBPyConnection, parts: dict[str, str], outcomes: list[Outcome]) -> None:
    con.execute(
        "create or replace temp table part as select unnest(?::varchar[]) as record_id,"
        " unnest(?::varchar[]) as cluster_id",
        [list(parts), list(parts.values())],
    )
    columns: list[list[object]] = [
        [one.record_id for one in outcomes],
        [one.other_record_id for one in outcomes],
        [one.edge.rule for one in outcomes],
        [one.edge.identifier_kind for one in outcomes],
        [one.edge.trust for one in outcomes],
        [one.edge.match_probability for one in outcomes],
        [one.cut_reason for one in outcomes],
    ]
    con.execute(
        "create or replace temp table outcome as select unnest(?::varchar[]) as record_id,"
        " unnest(?::varchar[]) as other_record_id, unnest(?::varchar[]) as rule,"
        " unnest(?::varchar[]) as identifier_kind, unnest(?::double[]) as trust,"
        " unnest(?::double[]) as match_probability, unnest(?::varchar[]) as cut_reason",
        columns,
    )


def _store(con: DuckDBPyConnection) -> None:
    """The touched records as they are now, without those that are gone; the others stay."""
    for table in (CLUSTERS, EVIDENCE, FINGERPRINTS):
        con.execute(f"delete from {table} where record_id in (select record_id from leaving)")
    con.execute(f"""
        insert into {CLUSTERS} by name
        select label.record_id, coalesce(part.cluster_id, label.root) as cluster_id
        from label left join part on label.record_id = part.record_id
    """)
    con.execute(f"""
        insert into {EVIDENCE} by name
        select joining.record_id, joining.other_record_id, joining.rule, joining.identifier_kind,
            joining.trust, joining.match_probability, true as is_used
        from joining
        inner join label on joining.record_id = label.record_id
        inner join label as other on joining.other_record_id = other.record_id
        anti join breaking on label.root = breaking.root
    """)
    con.execute(
        f"insert into {EVIDENCE} by name select *, cut_reason is null as is_used from outcome"
    )
    con.execute(f"""
        insert into {FINGERPRINTS} by name
        select label.record_id, label.root as component_id, fingerprint.fingerprint
        from label
        inner join fingerprint on label.record_id = fingerprint.record_id
    """)


def _report(con: DuckDBPyConnection, rounds: int, divided: int) -> ClusterReport:
    records, clusters, largest = _one_row(
        con,
        f"""
        select coalesce(sum(size), 0), count(*), coalesce(max(size), 0)
        from (select count(*) as size from {CLUSTERS} group by cluster_id)
        """,
    )
    edges, touched, cuts = _one_row(
        con,
        f"""
        select (select count(*) from joining), (select count(*) from touched),
            (select count(*) from {EVIDENCE} where not is_used)
        """,
    )
    for table in ("joining", "apart", "fingerprint", "touched", "leaving", "label", "part"):
        con.execute(f"drop table {table}")
    con.execute("drop table breaking; drop table outcome")
    return ClusterReport(records, edges, clusters, largest, rounds, divided, cuts, touched)


def _one_row(con: DuckDBPyConnection, sql: str) -> tuple[int, ...]:
    row = con.execute(sql).fetchone()
    return tuple(int(value) for value in row or ())
