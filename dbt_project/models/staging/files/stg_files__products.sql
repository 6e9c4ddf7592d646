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
        loaded_at
    from products
    qualify
        not is_deleted
        and row_number() over (
            partition by source_system, source_key
            order by known_at desc, loaded_at desc, content_hash desc
        ) = 1
)

select * from final
