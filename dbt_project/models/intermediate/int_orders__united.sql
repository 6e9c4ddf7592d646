-- A coded system joins here with `union all` and the same columns.
with

from_files as (
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
    from {{ ref('stg_files__orders') }}
)

select * from from_files
