"""What joins records: identifiers, probable links and decisions, as one table of edges.

`joining` has one row per edge. A value that many records share is a star around its smallest
record: as many edges as records, never as many as pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from identity.linking.link import ensure_tables

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from identity.overrides import Decision

RECORDS = "intermediate.int_identity__records"
DESCRIBED = "intermediate.int_identity__described"
EDGES = "intermediate.int_identity__edges"
LINKS = "intermediate.identity_links"
EVIDENCE = "intermediate.identity_evidence"
RULES = "seeds.identity_rules"
DECISION, LINKED = "decision", "linked"
EVIDENCE_COLUMNS = {
    "record_id": "varchar",
    "other_record_id": "varchar",
    "rule": "varchar",
    "identifier_kind": "varchar",
    "trust": "double",
    "match_probability": "double",
    "is_used": "boolean",
    "cut_reason": "varchar",
}


def prepare(con: DuckDBPyConnection) -> None:
    """Make sure that the tables which are read before their first write exist, empty."""
    ensure_tables(con)
    columns = ", ".join(f"{name} {kind}" for name, kind in EVIDENCE_COLUMNS.items())
    con.execute(f"create table if not exists {EVIDENCE} ({columns})")


def gather(con: DuckDBPyConnection, decisions: Sequence[Decision]) -> None:
    """Fill the temporary tables `joining` (edges) and `apart` (pairs that are never the same).

    The trust of a link is its probability times the trust of the rule `linked`.
    """
    con.execute(f"""
        create or replace temp table joining as
        select record_id, other_record_id, rule, identifier_kind, identifier_value as value,
            trust::double as trust, null::double as match_probability
        from {EDGES}
        union all by name
        select links.record_id, links.other_record_id, rules.rule,
            'profile' as identifier_kind, links.record_id || '|' || links.other_record_id as value,
            rules.trust * links.match_probability as trust, links.match_probability
        from {LINKS} as links
        inner join {RULES} as rules on rules.rule = '{LINKED}' and rules.is_joining
        where links.status = 'accepted'
    """)
    pairs = {kind: [one for one in decisions if one.decision == kind] for kind in KINDS}
    con.execute(
        "insert into joining by name select unnest(?::varchar[]) as record_id,"
        " unnest(?::varchar[]) as other_record_id, 'decision' as rule,"
        " 'decision' as identifier_kind, record_id || '|' || other_record_id as value,"
        " 1.0 as trust",
        _ends(pairs["same"]),
    )
    con.execute(
        "create or replace temp table apart as select unnest(?::varchar[]) as record_id,"
        " unnest(?::varchar[]) as other_record_id",
        _ends(pairs["never_same"]),
    )


KINDS = ("same", "never_same")


def _ends(decisions: Sequence[Decision]) -> list[list[str]]:
    return [
        [one.record_id for one in decisions],
        [one.other_record_id for one in decisions],
    ]
