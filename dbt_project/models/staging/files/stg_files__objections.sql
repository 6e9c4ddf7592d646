with

objections as (
    select * from {{ source('raw_files', 'objections') }}
),

-- A deletion is a row of its own that repeats the key.
deleted as (
    select
        source_system,
        source_key
    from objections
    where is_deleted
    group by source_system, source_key
),

final as (
    select
        objection_key,
        customer_key,
        address,
        channel,
        purpose,
        objected_at,
        source_system,
        customer_system,
        source_key,
        known_at,
        loaded_at
    from objections
    where not exists (
        select 1
        from deleted
        where
            deleted.source_system = objections.source_system
            and deleted.source_key = objections.source_key
    )
)

select * from final
