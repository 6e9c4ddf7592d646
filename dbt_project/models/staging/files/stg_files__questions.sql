with

questions as (
    select * from {{ source('raw_files', 'questions') }}
),

final as (
    select
        question_key,
        customer_key,
        email,
        phone,
        channel,
        topic,
        status,
        order_key,
        asked_at,
        answered_at,
        source_system,
        customer_system,
        order_system,
        source_key,
        known_at,
        loaded_at
    from questions
    qualify
        not is_deleted
        and row_number() over (
            partition by source_system, source_key
            order by known_at desc, loaded_at desc, content_hash desc
        ) = 1
)

select * from final
