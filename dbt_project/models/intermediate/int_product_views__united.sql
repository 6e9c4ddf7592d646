-- A coded system joins here with `union all` and the same columns.
with

from_files as (
    select
        view_key,
        customer_key,
        product_key,
        viewed_at,
        source_system,
        customer_system,
        product_system,
        source_key,
        known_at,
        loaded_at
    from {{ ref('stg_files__product_views') }}
)

select * from from_files
