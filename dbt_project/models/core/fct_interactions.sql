-- noqa: disable=LT09
{{ config(materialized='view') }}

-- A view: visits and orders are many, and whoever asks for one kind reads only that kind.
with

exposures as (
    select * from {{ ref('fct_campaign_exposures') }}
),

contacts as (
    select * from {{ ref('int_contacts__identified') }}
),

sessions as (
    select * from {{ ref('fct_web_sessions') }}
),

orders as (
    select * from {{ ref('fct_orders') }}
),

united as (
    select
        exposure_id as interaction_id, source_system, customer_id, 'outbound' as direction, channel,
        case when message_id is null then 'campaign_contact' else 'message' end as kind,
        cast(null as varchar) as context, campaign_id, cast(null as varchar) as store_id,
        cast(null as varchar) as device, exposed_at as interacted_at,
        sent_known_at as known_at, loaded_at
    from exposures
    union all
    select
        'contact:' || contact_id as interaction_id, source_system, customer_id, direction, channel,
        kind, context, campaign_id, null as store_id, null as device, occurred_at as interacted_at,
        known_at, loaded_at
    from contacts
    union all
    select
        'visit:' || session_id as interaction_id, source_system, customer_id,
        'inbound' as direction, 'web' as channel, 'visit' as kind,
        coalesce(utm_source, referrer_url) as context, null as campaign_id, null as store_id,
        device, started_at as interacted_at, known_at, loaded_at
    from sessions
    union all
    select
        'order:' || order_id as interaction_id, source_system, customer_id, 'inbound' as direction,
        channel, case when is_purchase then 'order' else 'return' end as kind,
        null as context, null as campaign_id, store_id, null as device,
        ordered_at as interacted_at, known_at, loaded_at
    from orders
    where status = 'completed'
),

final as (
    select
        interaction_id,
        source_system,
        customer_id,
        direction,
        channel,
        kind,
        context,
        campaign_id,
        store_id,
        device,
        interacted_at,
        known_at,
        loaded_at
    from united
)

select * from final
