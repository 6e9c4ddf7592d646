-- An id is always that of the record which founded the person, so the ids of all records, each
-- alone, are all the ids that can ever have been published. No memory is needed, and none can lie.
with

resolved as (
    select
        record_id,
        customer_id
    from {{ ref('int_identity__resolved') }}
),

final as (
    select
        {{ founded_customer_id('record_id') }} as customer_id_published,
        customer_id as customer_id_current,
        record_id
    from resolved
)

select * from final
