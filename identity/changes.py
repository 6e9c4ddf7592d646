"""Which records a run has to look at again: those whose evidence changed, and their components.

Every record that evidence names has a fingerprint of all that decides where it belongs: its edges,
what the guards count, the pairs it must be kept from, the bounds. An edge is in the fingerprint of
both its ends; so a component without a changed record has the same edges as before, and the same
outcome. A record that no evidence names is a person of its own, whatever it says, and has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from identity.evidence import DESCRIBED, RECORDS
from identity.guards import Bounds

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FINGERPRINTS = "intermediate.identity_fingerprints"
CLUSTERS = "intermediate.identity_clusters"


def find_touched(con: DuckDBPyConnection, bounds: Bounds) -> None:
    """Fill the temporary tables `fingerprint`, `touched` (records to do) and `leaving`.

    `leaving` has the touched records and those that are gone: what is stored of them is replaced.

    A record that is gone touches the component it was in. md5 is kept between versions of the
    engine, its own hash is not; sums do not depend on the order of the rows.
    """
    _prepare(con)
    _take_fingerprints(con, bounds)
    con.execute(f"""
        create or replace temp table touched as
        with changed as (
            select coalesce(now_.record_id, before_.record_id) as record_id, before_.component_id
            from fingerprint as now_
            full join {FINGERPRINTS} as before_ on now_.record_id = before_.record_id
            where now_.fingerprint is distinct from before_.fingerprint
        ),
        looked_at as (
            select record_id from changed
            union
            select record_id from {FINGERPRINTS}
            where component_id in (select component_id from changed where component_id is not null)
            union
            select record_id from {RECORDS} anti join {CLUSTERS} using (record_id)
        )
        select record_id from looked_at semi join {RECORDS} using (record_id)
    """)
    con.execute(f"""
        create or replace temp table leaving as
        select record_id from touched
        union all
        select record_id from {CLUSTERS} anti join {RECORDS} using (record_id)
    """)


def _prepare(con: DuckDBPyConnection) -> None:
    con.execute(
        f"create table if not exists {FINGERPRINTS}"
        " (record_id varchar, component_id varchar, fingerprint hugeint)"
    )
    con.execute(f"create table if not exists {CLUSTERS} (record_id varchar, cluster_id varchar)")


def _take_fingerprints(con: DuckDBPyConnection, bounds: Bounds) -> None:
    con.execute(
        f"""
        create or replace temp table fingerprint as
        with named as materialized (
            select record_id from {RECORDS}
            semi join (
                select record_id from joining union all select other_record_id from joining
                union all select record_id from apart union all select other_record_id from apart
            ) as ends using (record_id)
        ),
        said as (
            select named.record_id,
                md5_number_lower(concat_ws('|', ?, described.first_name,
                    described.birth_date::varchar))::hugeint as said
            from named
            left join {DESCRIBED} as described on named.record_id = described.record_id
            union all
            select unnest([record_id, other_record_id]),
                md5_number_lower(concat_ws('|', rule, value, record_id, other_record_id,
                    trust::varchar, match_probability::varchar))::hugeint
            from joining
            semi join named as one on joining.record_id = one.record_id
            semi join named as other on joining.other_record_id = other.record_id
            union all
            select unnest([record_id, other_record_id]),
                md5_number_lower(concat_ws('|', 'apart', least(record_id, other_record_id),
                    greatest(record_id, other_record_id)))::hugeint
            from apart
            semi join named as one on apart.record_id = one.record_id
            semi join named as other on apart.other_record_id = other.record_id
        )
        select record_id, sum(said)::hugeint as fingerprint
        from said
        group by record_id
        """,
        [repr(bounds)],
    )
