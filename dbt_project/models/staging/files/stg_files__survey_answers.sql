with

survey_answers as (
    select * from {{ source('raw_files', 'survey_answers') }}
),

-- A deletion is a row of its own that repeats the key.
deleted as (
    select
        source_system,
        source_key
    from survey_answers
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
    where not exists (
        select 1
        from deleted
        where
            deleted.source_system = survey_answers.source_system
            and deleted.source_key = survey_answers.source_key
    )
)

select * from final
