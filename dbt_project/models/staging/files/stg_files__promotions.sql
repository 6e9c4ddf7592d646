with

promotions as (
    select * from {{ source('raw_files', 'promotions') }}
),

-- A deletion is a row of its own that repeats the key.
deleted as (
    select
        source_system,
        source_key
    from promotions
    where is_deleted
    group by source_system, source_key
),

final as (
    select
        product_key,
        store_key,
        week_number,
        display_location,
        mailer_location,
        source_system,
        product_system,
        store_system,
        source_key,
        known_at,
        loaded_at
    from promotions
    where not exists (
        select 1
        from deleted
        where
            deleted.source_system = promotions.source_system
            and deleted.source_key = promotions.source_key
    )
)

select * from final
