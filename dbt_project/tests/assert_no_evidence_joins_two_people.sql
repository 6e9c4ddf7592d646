-- noqa: disable=AL08,AL04
-- Fails when evidence that is used joins two people, or when the clusters are older than the edges:
-- an edge between two people has to have been refused between the two.
with

people as (
    select
        record_id,
        customer_id
    from {{ ref('int_identity__resolved') }}
),

evidence as (
    select
        evidence.record_id,
        evidence.other_record_id,
        evidence.is_used,
        least(one.customer_id, other.customer_id) as customer_id,
        greatest(one.customer_id, other.customer_id) as other_customer_id
    from {{ source('identity', 'identity_evidence') }} as evidence
    inner join people as one on evidence.record_id = one.record_id
    inner join people as other on evidence.other_record_id = other.record_id
),

edges as (
    select
        edges.record_id,
        edges.other_record_id,
        least(one.customer_id, other.customer_id) as customer_id,
        greatest(one.customer_id, other.customer_id) as other_customer_id
    from {{ ref('int_identity__edges') }} as edges
    left join people as one on edges.record_id = one.record_id
    left join people as other on edges.other_record_id = other.record_id
),

refused as (
    select
        customer_id,
        other_customer_id
    from evidence
    where not is_used
    group by customer_id, other_customer_id
)

select
    record_id,
    other_record_id
from evidence
where is_used and customer_id <> other_customer_id
union all
select
    edges.record_id,
    edges.other_record_id
from edges
left join refused
    on
        edges.customer_id = refused.customer_id
        and edges.other_customer_id = refused.other_customer_id
where edges.customer_id is distinct from edges.other_customer_id and refused.customer_id is null
