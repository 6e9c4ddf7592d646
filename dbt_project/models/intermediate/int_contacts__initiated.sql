-- noqa: disable=LT09
{{ config(materialized='table') }}

-- What comes from a person, by the whitelist of kinds. Opens and machines are united as well, so
-- that the list, and nothing else, keeps them out.
with

message_events as (
    select
        customer_id,
        case event_type when 'clicked' then 'click' else 'open' end as kind,
        is_machine,
        channel,
        link_url,
        occurred_at
    from {{ ref('fct_message_events') }}
    where event_type in ('opened', 'clicked')
),

interactions as (
    select
        customer_id,
        kind,
        channel,
        interacted_at as occurred_at
    from {{ ref('fct_interactions') }}
    where direction = 'inbound'
),

logins as (
    select
        customer_id,
        occurred_at
    from {{ ref('fct_web_events') }}
    where event_type = 'login' and not is_machine
),

consents as (
    select
        customer_id,
        case
            when act in ('grant', 'double_opt_in_confirmed') then 'consent' else 'objection'
        end as kind,
        channel,
        occurred_at
    from {{ ref('fct_consents') }}
    where
        act in ('grant', 'double_opt_in_confirmed', 'refuse', 'withdraw', 'object')
        and source not like 'scenario:%'
),

preferences as (
    select
        resolved.customer_id,
        updates.occurred_at
    from {{ ref('stg_files__preference_updates') }} as updates
    inner join {{ ref('int_identity__resolved') }} as resolved
        on {{ system_key('updates.customer_key', 'updates.customer_system') }} = resolved.record_id
    union all
    -- and in our own preference centre
    select
        resolved.customer_id,
        events.occurred_at
    from {{ ref('stg_state__preference_events') }} as events
    inner join {{ ref('int_identity__resolved') }} as resolved
        on {{ system_key('events.customer_key', 'events.source_system') }} = resolved.record_id
),

leads as (
    select
        customer_id,
        created_at as occurred_at
    from {{ ref('fct_leads') }}
    where parent_lead_id is null
),

united as (
    select
        customer_id,
        case when is_machine then 'machine_' || kind else kind end as kind,
        channel,
        link_url,
        occurred_at
    from message_events
    union all
    select customer_id, kind, channel, null as link_url, occurred_at from interactions
    union all
    select customer_id, 'login' as kind, 'web' as channel, null as link_url, occurred_at from logins
    union all
    select customer_id, kind, channel, null as link_url, occurred_at from consents
    union all
    select customer_id, 'preference' as kind, 'web' as channel, null as link_url, occurred_at
    from preferences
    union all
    select customer_id, 'lead' as kind, 'web' as channel, null as link_url, occurred_at from leads
),

final as (
    select
        united.customer_id,
        united.kind,
        united.channel,
        united.link_url,
        united.occurred_at
    from united
    inner join {{ ref('retention_contact_kinds') }} as kinds on united.kind = kinds.kind
    where
        kinds.is_contact
        and united.customer_id is not null
        and {{ business_date('united.occurred_at') }} <= {{ as_of_date() }}
)

select * from final
