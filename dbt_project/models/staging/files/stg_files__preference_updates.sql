with

preference_updates as (
    select * from {{ source('raw_files', 'preference_updates') }}
),

-- A deletion is a row of its own that repeats the key. Read apart: a CTE that is read twice is
-- written down whole, every column of every row.
deleted as (
    select
        source_system as deleted_system,
        source_key as deleted_key
    from {{ source('raw_files', 'preference_updates') }}
    where is_deleted
    group by source_system, source_key
),

final as (
    select
        preference_update_key,
        customer_key,
        email,
        kind,
        name,
        value,
        occurred_at,
        source_system,
        customer_system,
        source_key,
        known_at,
        loaded_at
    from preference_updates
    left join deleted
        on
            preference_updates.source_system = deleted.deleted_system
            and preference_updates.source_key = deleted.deleted_key
    where deleted.deleted_key is null
)

select * from final
