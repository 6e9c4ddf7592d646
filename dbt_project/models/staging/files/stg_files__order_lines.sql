with

order_lines as (
    select * from {{ source('raw_files', 'order_lines') }}
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
        source_key,
        known_at,
        loaded_at
    from order_lines
)

select * from final
