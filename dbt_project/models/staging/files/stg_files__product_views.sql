with

product_views as (
    select * from {{ source('raw_files', 'product_views') }}
),

-- A deletion is a row of its own that repeats the key.
deleted as (
    select
        source_system,
        source_key
    from product_views
    where is_deleted
    group by source_system, source_key
),

final as (
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
    from product_views
    where not exists (
        select 1
        from deleted
        where
            deleted.source_system = product_views.source_system
            and deleted.source_key = product_views.source_key
    )
)

select * from final
