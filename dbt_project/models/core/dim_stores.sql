with

mentioned as (
    select
        source_system,
        store_key
    from {{ ref('int_order_lines__united') }}
    union all
    select
        source_system,
        store_key
    from {{ ref('int_orders__united') }}
),

final as (
    select
        {{ system_key('store_key') }} as store_id,
        source_system,
        store_key
    from mentioned
    where store_key is not null
    group by source_system, store_key
)

select * from final
