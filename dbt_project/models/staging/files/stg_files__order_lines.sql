with

order_lines as (
    select * from {{ source('raw_files', 'order_lines') }}
),

-- A deletion is a row of its own that repeats the key. Read apart: a CTE that is read twice is
-- written down whole, every column of every row.
deleted as (
    select
        source_system as deleted_system,
        source_key as deleted_key
    from {{ source('raw_files', 'order_lines') }}
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
    left join deleted
        on
            order_lines.source_system = deleted.deleted_system
            and order_lines.source_key = deleted.deleted_key
    where deleted.deleted_key is null
)

select * from final
