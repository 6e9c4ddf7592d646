with

promotions as (
    select * from {{ source('raw_files', 'promotions') }}
),

-- A deletion is a row of its own that repeats the key. Read apart: a CTE that is read twice is
-- written down whole, every column of every row.
deleted as (
    select
        source_system as deleted_system,
        source_key as deleted_key
    from {{ source('raw_files', 'promotions') }}
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
    left join deleted
        on
            promotions.source_system = deleted.deleted_system
            and promotions.source_key = deleted.deleted_key
    where deleted.deleted_key is null
)

select * from final
