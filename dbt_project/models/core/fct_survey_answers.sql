with

answers as (
    select
        *,
        {{ system_key('customer_key', 'customer_system') }} as record_id,
        {{ normalised_email('email') }} as normal_email
    from {{ ref('stg_files__survey_answers') }}
),

resolved as (
    select
        record_id,
        customer_id
    from {{ ref('int_identity__resolved') }}
),

addresses as (
    select
        kind,
        value,
        customer_id
    from {{ ref('int_addresses__resolved') }}
    where customer_id is not null
),

final as (
    select
        {{ system_key('answers.source_key', 'answers.source_system') }} as survey_answer_id,
        answers.survey_key,
        coalesce(resolved.customer_id, addresses.customer_id) as customer_id,
        {{ system_key('answers.order_key', 'answers.order_system') }} as order_id,
        answers.kind,
        answers.name,
        answers.value,
        case
            when answers.kind = 'nps' and answers.score between 0 and 10 then answers.score
            when answers.kind = 'csat' and answers.score between 1 and 5 then answers.score
        end as score,
        {{ business_date('answers.answered_at') }} as answered_on,
        answers.answered_at,
        answers.known_at,
        answers.loaded_at
    from answers
    left join resolved on answers.record_id = resolved.record_id
    left join addresses
        on addresses.kind = 'email' and answers.normal_email = addresses.value
)

select * from final
