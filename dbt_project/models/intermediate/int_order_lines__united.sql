-- A coded system joins here with `union all` and the same columns.
with

from_files as (
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
    from {{ ref('stg_files__order_lines') }}
)

select * from from_files
