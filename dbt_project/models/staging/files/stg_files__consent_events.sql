with

consent_events as (
    select * from {{ source('raw_files', 'consent_events') }}
),

-- A deletion is a row of its own that repeats the key.
deleted as (
    select
        source_system,
        source_key
    from consent_events
    where is_deleted
    group by source_system, source_key
),

final as (
    select
        consent_event_key,
        customer_key,
        address,
        channel,
        purpose,
        act,
        door,
        wording_key,
        proof,
        occurred_at,
        source_system,
        customer_system,
        source_key,
        known_at,
        loaded_at
    from consent_events
    where not exists (
        select 1
        from deleted
        where
            deleted.source_system = consent_events.source_system
            and deleted.source_key = consent_events.source_key
    )
)

select * from final
