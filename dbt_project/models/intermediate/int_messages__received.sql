-- What came back from each address, since it last took a message. A later delivery clears bounces,
-- never a complaint. Any open shows that an address takes mail, whoever may be followed.
with

message_events as (
    select
        case channel when 'sms' then 'phone' else channel end as kind,
        case
            when channel = 'email' then {{ normalised_email('address') }}
            else {{ normalised_phone('address') }}
        end as value,
        event_type,
        {{ business_date('occurred_at') }} as occurred_on
    from {{ ref('stg_files__message_events') }}
    where channel in ('email', 'sms') and {{ business_date('occurred_at') }} <= {{ as_of_date() }}
),

dated as (
    select
        *,
        max(occurred_on) filter (where event_type in ('delivered', 'opened', 'clicked'))
            over (partition by kind, value) as last_delivered_on
    from message_events
    where value is not null
),

final as (
    select
        kind,
        value,
        max(last_delivered_on) as last_delivered_on,
        max(occurred_on) filter (
            where
            event_type = 'hard_bounced'
            and occurred_on > coalesce(last_delivered_on, date '1900-01-01')
        ) as hard_bounced_on,
        max(occurred_on) filter (
            where
            event_type = 'soft_bounced'
            and occurred_on > coalesce(last_delivered_on, date '1900-01-01')
        ) as soft_bounced_on,
        count(*) filter (
            where
            event_type = 'soft_bounced'
            and occurred_on > coalesce(last_delivered_on, date '1900-01-01')
        ) as soft_bounce_count,
        min(occurred_on) filter (where event_type = 'complained') as complained_on
    from dated
    group by kind, value
)

select * from final
