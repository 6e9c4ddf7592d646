{{ config(materialized='view') }}

with

message_events as (
    select * from {{ ref('int_messages__identified') }}
),

final as (
    select
        message_event_id,
        message_id,
        source_system,
        customer_id,
        campaign_id,
        channel,
        event_type,
        is_machine,
        link_url,
        {{ business_date('occurred_at') }} as occurred_on,
        occurred_at,
        known_at,
        loaded_at
    from message_events
)

select * from final
