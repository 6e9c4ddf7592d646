with

questions as (
    select
        *,
        {{ system_key('customer_key', 'customer_system') }} as record_id,
        {{ normalised_email('email') }} as normal_email,
        {{ normalised_phone('phone') }} as normal_phone
    from {{ ref('stg_files__questions') }}
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
        {{ system_key('questions.source_key', 'questions.source_system') }} as question_id,
        coalesce(resolved.customer_id, emails.customer_id, phones.customer_id) as customer_id,
        {{ system_key('questions.order_key', 'questions.order_system') }} as order_id,
        questions.channel,
        questions.topic,
        questions.status,
        case
            when questions.answered_at >= questions.asked_at
                then
                    cast(
                        {{ seconds_between('questions.asked_at', 'questions.answered_at') }}
                        / 3600.0 as decimal(18, 2)
                    )
        end as answer_hours,
        questions.status = 'open' as is_open,
        {{ business_date('questions.asked_at') }} as asked_on,
        questions.asked_at,
        questions.answered_at,
        questions.known_at,
        questions.loaded_at
    from questions
    left join resolved on questions.record_id = resolved.record_id
    left join addresses as emails
        on emails.kind = 'email' and questions.normal_email = emails.value
    left join addresses as phones
        on phones.kind = 'phone' and questions.normal_phone = phones.value
)

select * from final
