-- What each person asks, answers, plans and carries.
with

questions as (
    select
        customer_id,
        count(*) filter (where is_open) as open_question_count,
        max(asked_on) as last_question_on
    from {{ ref('fct_questions') }}
    where customer_id is not null and asked_on <= {{ as_of_date() }}
    group by customer_id
),

surveys as (
    select
        customer_id,
        max_by(score, cast(answered_at as varchar) || survey_answer_id) as nps_score
    from {{ ref('fct_survey_answers') }}
    where kind = 'nps' and score is not null and answered_on <= {{ as_of_date() }}
    group by customer_id
),

leads as (
    select
        customer_id,
        stage
    from {{ ref('fct_leads') }}
    where customer_id is not null and created_on <= {{ as_of_date() }}
    qualify
        row_number() over (
            partition by customer_id order by is_open desc, created_at desc, lead_id asc
        ) = 1
),

configurations as (
    select
        customer_id,
        count(distinct configuration_id) as configuration_count
    from {{ ref('fct_configuration_versions') }}
    where saved_on <= {{ as_of_date() }}
    group by customer_id
),

cards as (
    select resolved.customer_id
    from {{ ref('int_identity__observed') }} as observed
    inner join {{ ref('int_identity__resolved') }} as resolved
        on observed.record_id = resolved.record_id
    where observed.identifier_kind = 'loyalty_card'
    group by resolved.customer_id
),

connected as {{ connected_entities() }},

final as (
    select
        customers.customer_id,
        {{ zero_if_connected('questions.open_question_count', 'questions') }} > 0
            as has_open_question,
        {{ zero_if_connected('questions.open_question_count', 'questions') }}
            as open_question_count,
        questions.last_question_on,
        surveys.nps_score,
        leads.stage as lead_stage,
        {{ zero_if_connected('configurations.configuration_count', 'configurations') }}
            as configuration_count,
        cards.customer_id is not null as has_loyalty_card
    from {{ ref('dim_customers') }} as customers
    cross join connected
    left join questions on customers.customer_id = questions.customer_id
    left join surveys on customers.customer_id = surveys.customer_id
    left join leads on customers.customer_id = leads.customer_id
    left join configurations on customers.customer_id = configurations.customer_id
    left join cards on customers.customer_id = cards.customer_id
)

select * from final
