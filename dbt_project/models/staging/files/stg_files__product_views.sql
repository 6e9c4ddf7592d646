with

product_views as (
    select * from {{ source('raw_files', 'product_views') }}
),

-- A deletion is a row of its own that repeats the key. Read apart: a CTE that is read twice is
-- written down whole, every column of every row.
deleted as (
    select
        source_system as deleted_system,
        source_key as deleted_key
    from {{ source('raw_files', 'product_views') }}
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
    left join deleted
        on
            product_views.source_system = deleted.deleted_system
            and product_views.source_key = deleted.deleted_key
    where deleted.deleted_key is null
)

select * from final
