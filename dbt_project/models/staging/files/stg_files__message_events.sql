with

message_events as (
    select * from {{ source('raw_files', 'message_events') }}
),

-- A deletion is a row of its own that repeats the key. Read apart: a CTE that is read twice is
-- written down whole, every column of every row.
deleted as (
    select
        source_system as deleted_system,
        source_key as deleted_key
    from {{ source('raw_files', 'message_events') }}
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
    left join deleted
        on
            message_events.source_system = deleted.deleted_system
            and message_events.source_key = deleted.deleted_key
    where deleted.deleted_key is null
)

select * from final
