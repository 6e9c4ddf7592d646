with

order_lines as (
    select * from {{ source('raw_files', 'order_lines') }}
),

-- A deletion is a row of its own that repeats the key.
deleted as (
    select
        source_system,
        source_key
    from order_lines
    where is_deleted
    group by source_system, source_key
),

final as (
    select
        order_key,
        line_number,
        customer_key,
        product_key,
        store_key,
        channel,
        line_kind,
        quantity,
        net_amount,
        retail_discount_amount,
        coupon_discount_amount,
        coupon_match_discount_amount,
        currency,
        ordered_at,
        source_system,
        customer_system,
        product_system,
        store_system,
        order_system,
        source_key,
        known_at,
        loaded_at
    from order_lines
    where not exists (
        select 1
        from deleted
        where
            deleted.source_system = order_lines.source_system
            and deleted.source_key = order_lines.source_key
    )
)

select * from final
