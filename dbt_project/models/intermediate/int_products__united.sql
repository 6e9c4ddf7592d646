-- A coded system joins here with `union all` and the same columns.
with

from_files as (
    select
        product_key,
        product_name,
        department,
        category,
        product_type,
        brand,
        manufacturer_key,
        package_size,
        source_system,
        product_system,
        source_key,
        known_at,
        loaded_at
    from {{ ref('stg_files__products') }}
)

select * from from_files
