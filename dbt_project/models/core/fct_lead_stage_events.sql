with

events as (
    select
        *,
        {{ system_key('lead_key') }} as lead_id
    from {{ ref('stg_files__lead_stage_events') }}
),

fct_leads as (
    select
        lead_id,
        customer_id
    from {{ ref('fct_leads') }}
),

final as (
    select
        {{ system_key('events.source_key', 'events.source_system') }} as lead_stage_event_id,
        events.lead_id,
        fct_leads.customer_id,
        events.pipeline,
        events.stage,
        events.return_reason,
        {{ business_date('events.occurred_at') }} as occurred_on,
        events.occurred_at,
        events.known_at,
        events.loaded_at
    from events
    left join fct_leads on events.lead_id = fct_leads.lead_id
)

select * from final
