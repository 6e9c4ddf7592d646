"""The make-believe company's persons beside its truth: by rules alone, with links and guards."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from demo.bench.agreement import agreement

if TYPE_CHECKING:
    import duckdb

PRECISION_GOAL, RECALL_GOAL = 0.995, 0.95
_TRUTH = """
    create temp table truth as
    select truth.system || '|' || truth.customer_key as record_id, truth.person_id,
        truth.household_id
    from read_parquet(?) as truth
    inner join intermediate.int_identity__records as records
        on truth.system || '|' || truth.customer_key = records.record_id and not records.is_test
"""
# Clusters of several persons in which people of two households carry one e-mail address.
_FAMILIES = """
    with carried as (
        select clusters.cluster_id, truth.household_id, profiles.email
        from intermediate.identity_clusters as clusters
        inner join truth using (record_id)
        inner join intermediate.int_identity__profiles as profiles using (record_id)
        where profiles.email is not null
    )
    select count(distinct one.cluster_id)
    from carried as one
    inner join carried as other
        on one.cluster_id = other.cluster_id and one.email = other.email
        and one.household_id < other.household_id
"""


def measure(say: Callable[[str], None]) -> bool:
    """Print precision and recall; whether both goals are met. Not run without the company."""
    import duckdb

    from demo.homes import home
    from orchestration.settings import load_settings

    say("The make-believe company")
    truth = home() / "demo" / "truth" / "records.parquet"
    if not truth.exists():
        say("not run: no company in HABITUE_HOME (make demo)")
        return True
    with duckdb.connect(str(load_settings().warehouse), read_only=True) as con:
        con.execute(_TRUTH, [str(truth)])
        _by_rules(con)
        _show(con, "rules", "rules alone, without guards", say)
        precision, recall = _show(
            con, "intermediate.identity_clusters", "rules, links and guards", say
        )
        ((families,),) = con.execute(_FAMILIES).fetchall()
        counts = dict(
            con.execute(
                "select status, count(*) from intermediate.identity_links group by status"
            ).fetchall()
        )
    say(f"links: {counts.get('accepted', 0):,} accepted, {counts.get('review', 0):,} to review")
    say(f"clusters that join several households by one e-mail address: {families} (goal 0)")
    is_met = precision >= PRECISION_GOAL and recall >= RECALL_GOAL and families == 0
    say(f"goal precision >= {PRECISION_GOAL}, recall >= {RECALL_GOAL}: {_word(is_met=is_met)}")
    return is_met


def _by_rules(con: duckdb.DuckDBPyConnection) -> None:
    """The temporary table `rules`: clusters of the deterministic edges alone."""
    from identity.components import contract

    con.execute(
        "create temp table touched as select record_id from intermediate.int_identity__records"
    )
    con.execute(
        "create temp table joining as select record_id, other_record_id "
        "from intermediate.int_identity__edges"
    )
    contract(con)
    con.execute("create temp table rules as select record_id, root as cluster_id from label")


def _show(
    con: duckdb.DuckDBPyConnection, clusters: str, title: str, say: Callable[[str], None]
) -> tuple[float, float]:
    agreed = agreement(
        con,
        f"select truth.person_id, {clusters}.cluster_id "
        f"from truth inner join {clusters} using (record_id)",
    )
    say(
        f"{title:<32} precision {agreed.precision:.4f} recall {agreed.recall:.4f} "
        f"F1 {agreed.f1:.4f} ({agreed.found_count} pairs)"
    )
    return agreed.precision, agreed.recall


def _word(*, is_met: bool) -> str:
    return "met" if is_met else "MISSED"
