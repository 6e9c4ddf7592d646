-- What became of each message. Machines open and click as well: that is nobody's reaction. Nor is
-- the open of who refused to be followed, which says no more than that the message arrived.
with

message_events as (
    select * from {{ ref('fct_message_events') }}
),

summed as (
    select
        message_id,
        min(source_system) as source_system,
        min(customer_id) as customer_id,
        min(campaign_id) as campaign_id,
        min(channel) as channel,
        min(occurred_at) filter (where event_type = 'sent') as sent_at,
        min(occurred_at) filter (where event_type = 'delivered') as delivered_at,
        min(occurred_at) filter (
            where event_type = 'opened' and not is_machine and is_followed
        ) as opened_at,
        min(occurred_at) filter (where event_type = 'clicked' and not is_machine) as clicked_at,
        min(occurred_at) filter (where event_type = 'unsubscribed') as unsubscribed_at,
        coalesce(bool_or(event_type in ('hard_bounced', 'soft_bounced')), false) as has_bounced,
        coalesce(bool_or(event_type = 'complained'), false) as has_complained,
        coalesce(
            bool_or(event_type in ('delivered', 'opened', 'clicked') and not is_machine), false
        ) as is_delivered,
        min(occurred_at) as first_event_at,
        min(known_at) as first_known_at,
        max(known_at) as known_at,
        max(loaded_at) as loaded_at
    from message_events
    group by message_id
),

final as (
    select
        message_id,
        source_system,
        customer_id,
        campaign_id,
        channel,
        -- A tool that logs no sending still delivered: the first sign of the message stands for it.
        coalesce(sent_at, delivered_at, first_event_at) as sent_at,
        is_delivered,
        opened_at is not null or clicked_at is not null as is_opened,
        clicked_at is not null as is_clicked,
        has_bounced,
        has_complained,
        unsubscribed_at is not null as is_unsubscribed,
        opened_at,
        clicked_at,
        first_known_at,
        known_at,
        loaded_at
    from summed
)

select * from final
