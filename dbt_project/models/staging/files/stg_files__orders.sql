with

orders as (
    select * from {{ source('raw_files', 'orders') }}
),

final as (
    select
        order_key,
        customer_key,
        email,
        store_key,
        channel,
        status,
        total_amount,
        currency,
        ordered_at,
        source_system,
        customer_system,
        store_system,
        order_system,
        source_key,
        known_at,
        loaded_at
    from orders
    qualify
        not is_deleted
        and row_number() over (
            partition by source_system, source_key
            order by known_at desc, loaded_at desc, content_hash desc
        ) = 1
)

select * from final
