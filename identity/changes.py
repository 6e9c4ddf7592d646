"""Which records a run has to look at again: those whose evidence changed, and their components.

Every record has a fingerprint of all that decides where it belongs: its edges, what the guards
count, the pairs it must be kept from, the bounds. An edge is in the fingerprint of both its ends;
so a component without a changed record has the same edges as before, and the same outcome.
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
    """Fill the temporary tables `fingerprint` (of every record) and `touched` (records to do).

    A record that is gone touches the component it was in. md5 is kept between versions of the
    engine, its own hash is not; sums do not depend on the order of the rows.
    """
    _prepare(con)
    _take_fingerprints(con, bounds)
    con.execute(f"""
        create or replace temp table touched as
        with compared as (
            select coalesce(now_.record_id, before_.record_id) as record_id,
                before_.component_id,
                now_.record_id is not null as is_here,
                now_.fingerprint is distinct from before_.fingerprint
                    or clusters.record_id is null as is_changed
            from fingerprint as now_
            full join {FINGERPRINTS} as before_ on now_.record_id = before_.record_id
            left join {CLUSTERS} as clusters on before_.record_id = clusters.record_id
        ),
        changed as (select distinct component_id from compared where is_changed)
        select compared.record_id
        from compared
        where compared.is_here
            and (compared.is_changed or compared.component_id in (select component_id from changed
                where component_id is not null))
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
        with said as (
            select records.record_id,
                md5_number_lower(concat_ws('|', ?, described.first_name,
                    described.birth_date::varchar))::hugeint as said
            from {RECORDS} as records
            left join {DESCRIBED} as described on records.record_id = described.record_id
            union all
            select unnest([record_id, other_record_id]),
                md5_number_lower(concat_ws('|', rule, value, record_id, other_record_id,
                    trust::varchar, match_probability::varchar))::hugeint
            from joining
            semi join {RECORDS} as one on joining.record_id = one.record_id
            semi join {RECORDS} as other on joining.other_record_id = other.record_id
            union all
            select unnest([record_id, other_record_id]),
                md5_number_lower(concat_ws('|', 'apart', least(record_id, other_record_id),
                    greatest(record_id, other_record_id)))::hugeint
            from apart
            semi join {RECORDS} as one on apart.record_id = one.record_id
            semi join {RECORDS} as other on apart.other_record_id = other.record_id
        )
        select said.record_id, sum(said.said)::hugeint as fingerprint
        from said
        inner join {RECORDS} as records on said.record_id = records.record_id
        group by said.record_id
        """,
        [repr(bounds)],
    )
