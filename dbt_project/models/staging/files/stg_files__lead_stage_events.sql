with

lead_stage_events as (
    select * from {{ source('raw_files', 'lead_stage_events') }}
),

-- A deletion is a row of its own that repeats the key. Read apart: a CTE that is read twice is
-- written down whole, every column of every row.
deleted as (
    select
        source_system as deleted_system,
        source_key as deleted_key
    from {{ source('raw_files', 'lead_stage_events') }}
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
    left join deleted
        on
            lead_stage_events.source_system = deleted.deleted_system
            and lead_stage_events.source_key = deleted.deleted_key
    where deleted.deleted_key is null
)

select * from final
