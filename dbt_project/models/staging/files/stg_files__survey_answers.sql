with

survey_answers as (
    select * from {{ source('raw_files', 'survey_answers') }}
),

-- A deletion is a row of its own that repeats the key. Read apart: a CTE that is read twice is
-- written down whole, every column of every row.
deleted as (
    select
        source_system as deleted_system,
        source_key as deleted_key
    from {{ source('raw_files', 'survey_answers') }}
    where is_deleted
    group by source_system, source_key
),

final as (
    select
        survey_answer_key,
        survey_key,
        customer_key,
        email,
        kind,
        name,
        score,
        value,
        order_key,
        answered_at,
        source_system,
        customer_system,
        order_system,
        source_key,
        known_at,
        loaded_at
    from survey_answers
    left join deleted
        on
            survey_answers.source_system = deleted.deleted_system
            and survey_answers.source_key = deleted.deleted_key
    where deleted.deleted_key is null
)

select * from final
