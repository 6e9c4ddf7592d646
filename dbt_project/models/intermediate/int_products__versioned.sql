-- A coded system joins here with `union all` and the same columns.
with

from_files as (
    select
        {{ system_key('product_key', 'product_system') }} as product_id,
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
        valid_from,
        valid_to,
        loaded_at
    from {{ ref('stg_files__product_versions') }}
)

select * from from_files
