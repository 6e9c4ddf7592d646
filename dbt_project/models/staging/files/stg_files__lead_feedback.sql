with

lead_feedback as (
    select * from {{ source('raw_files', 'lead_feedback') }}
),

-- A deletion is a row of its own that repeats the key. Read apart: a CTE that is read twice is
-- written down whole, every column of every row.
deleted as (
    select
        source_system as deleted_system,
        source_key as deleted_key
    from {{ source('raw_files', 'lead_feedback') }}
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
    left join deleted
        on
            lead_feedback.source_system = deleted.deleted_system
            and lead_feedback.source_key = deleted.deleted_key
    where deleted.deleted_key is null
)

select * from final
