with

lead_feedback as (
    select * from {{ source('raw_files', 'lead_feedback') }}
),

-- A deletion is a row of its own that repeats the key.
deleted as (
    select
        source_system,
        source_key
    from lead_feedback
    where is_deleted
    group by source_system, source_key
),

final as (
    select
        lead_feedback_key,
        lead_key,
        is_contact_valid,
        project_on,
        qualification,
        outcome,
        return_reason,
        seller_key,
        reported_at,
        source_system,
        source_key,
        known_at,
        loaded_at
    from lead_feedback
    where not exists (
        select 1
        from deleted
        where
            deleted.source_system = lead_feedback.source_system
            and deleted.source_key = lead_feedback.source_key
    )
)

select * from final
