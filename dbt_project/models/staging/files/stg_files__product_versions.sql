with

products as (
    select * from {{ source('raw_files', 'products') }}
),

final as (
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
        known_at as valid_from,
        lead(known_at) over (
            partition by source_system, source_key
            order by known_at, loaded_at, content_hash
        ) as valid_to,
        loaded_at
    from products
    -- A deletion is a version that only ends the one before.
    qualify not is_deleted
)

select * from final
