with

feedback as (
    select
        *,
        {{ system_key('lead_key') }} as lead_id
    from {{ ref('stg_files__lead_feedback') }}
),

fct_leads as (
    select
        lead_id,
        customer_id
    from {{ ref('fct_leads') }}
),

final as (
    select
        {{ system_key('feedback.source_key', 'feedback.source_system') }} as lead_feedback_id,
        feedback.lead_id,
        fct_leads.customer_id,
        feedback.qualification,
        feedback.outcome,
        feedback.return_reason,
        feedback.seller_key,
        feedback.is_contact_valid,
        feedback.project_on,
        {{ business_date('feedback.reported_at') }} as reported_on,
        feedback.reported_at,
        feedback.known_at,
        feedback.loaded_at
    from feedback
    left join fct_leads on feedback.lead_id = fct_leads.lead_id
)

select * from final
