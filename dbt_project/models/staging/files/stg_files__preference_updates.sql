with

preference_updates as (
    select * from {{ source('raw_files', 'preference_updates') }}
),

-- A deletion is a row of its own that repeats the key.
deleted as (
    select
        source_system,
        source_key
    from preference_updates
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
    where not exists (
        select 1
        from deleted
        where
            deleted.source_system = preference_updates.source_system
            and deleted.source_key = preference_updates.source_key
    )
)

select * from final
