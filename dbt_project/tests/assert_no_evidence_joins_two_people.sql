-- noqa: disable=AL08,AL04
-- Fails when the clusters are older than the evidence.
select
    edges.record_id,
    edges.other_record_id,
    one.customer_id,
    other.customer_id
from {{ ref('int_identity__edges') }} as edges
left join {{ ref('int_identity__resolved') }} as one on edges.record_id = one.record_id
left join {{ ref('int_identity__resolved') }} as other on edges.other_record_id = other.record_id
where one.customer_id is distinct from other.customer_id
