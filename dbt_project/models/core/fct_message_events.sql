{{ config(materialized='view') }}

with

message_events as (
    select * from {{ ref('int_messages__identified') }}
),

-- Opens of who had refused to be followed, when they became known.
unfollowed as (
    select message_events.message_event_id
    from message_events
    inner join {{ ref('int_open_tracking__refused') }} as refused
        on message_events.customer_id = refused.customer_id
    where
        message_events.event_type = 'opened'
        and message_events.known_at >= refused.refused_from
        and (refused.refused_until is null or message_events.known_at < refused.refused_until)
    group by message_events.message_event_id
),

final as (
    select
        message_events.message_event_id,
        message_events.message_id,
        message_events.source_system,
        message_events.customer_id,
        message_events.campaign_id,
        message_events.channel,
        message_events.event_type,
        message_events.is_machine,
        unfollowed.message_event_id is null as is_followed,
        message_events.link_url,
        {{ business_date('message_events.occurred_at') }} as occurred_on,
        message_events.occurred_at,
        message_events.known_at,
        message_events.loaded_at
    from message_events
    left join unfollowed on message_events.message_event_id = unfollowed.message_event_id
)

select * from final
