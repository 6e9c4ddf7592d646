with

message_events as (
    select * from {{ source('raw_files', 'message_events') }}
),

-- A deletion is a row of its own that repeats the key.
deleted as (
    select
        source_system,
        source_key
    from message_events
    where is_deleted
    group by source_system, source_key
),

final as (
    select
        message_event_key,
        message_key,
        campaign_key,
        channel,
        customer_key,
        address,
        event_type,
        is_machine,
        link_url,
        occurred_at,
        source_system,
        customer_system,
        campaign_system,
        message_system,
        source_key,
        known_at,
        loaded_at
    from message_events
    where not exists (
        select 1
        from deleted
        where
            deleted.source_system = message_events.source_system
            and deleted.source_key = message_events.source_key
    )
)

select * from final
