with

product_views as (
    select * from {{ source('raw_files', 'product_views') }}
),

final as (
    select
        view_key,
        customer_key,
        product_key,
        viewed_at,
        source_system,
        source_key,
        known_at,
        loaded_at
    from product_views
)

select * from final
