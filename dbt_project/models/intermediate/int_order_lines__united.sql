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
),

-- Shops state refunds apart from the order; here they are lines of it that take away.
refunds as (
    select
        order_key,
        null as line_number,
        customer_key,
        product_key,
        null as store_key,
        null as channel,
        refund_kind as line_kind,
        -quantity as quantity,
        -amount as net_amount,
        null as retail_discount_amount,
        null as coupon_discount_amount,
        null as coupon_match_discount_amount,
        currency,
        refunded_at as ordered_at,
        source_system,
        customer_system,
        product_system,
        null as store_system,
        order_system,
        'refund|' || source_key as source_key,
        known_at,
        loaded_at
    from {{ ref('stg_files__refunds') }}
)

select * from from_files
union all
select * from refunds
