with

lead_stage_events as (
    select * from {{ source('raw_files', 'lead_stage_events') }}
),

-- A deletion is a row of its own that repeats the key.
deleted as (
    select
        source_system,
        source_key
    from lead_stage_events
    where is_deleted
    group by source_system, source_key
),

final as (
    select
        lead_stage_event_key,
        lead_key,
        pipeline,
        stage,
        return_reason,
        occurred_at,
        source_system,
        source_key,
        known_at,
        loaded_at
    from lead_stage_events
    where not exists (
        select 1
        from deleted
        where
            deleted.source_system = lead_stage_events.source_system
            and deleted.source_key = lead_stage_events.source_key
    )
)

select * from final
