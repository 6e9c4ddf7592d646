-- noqa: disable=LT09
-- How often a person was written to on each channel within a year, and answered there.
{% set first_day = days_before(as_of_date(), contact_setting('answer_window_days')) %}

with

exposures as (
    select
        customer_id,
        channel,
        count(*) as contact_count
    from {{ ref('fct_campaign_exposures') }}
    where
        customer_id is not null
        and exposed_on > {{ first_day }}
        and exposed_on <= {{ as_of_date() }}
    group by customer_id, channel
),

-- Only what names the message or the coupon that it answers; and whoever calls, prefers the phone.
answers as (
    select
        customer_id,
        channel
    from {{ ref('fct_response_links') }}
    where
        method in ('message_id', 'coupon')
        and {{ business_date('responded_at') }} > {{ first_day }}
        and {{ business_date('responded_at') }} <= {{ as_of_date() }}
    union all
    select
        customer_id,
        channel
    from {{ ref('int_contacts__initiated') }}
    where kind = 'call' and {{ business_date('occurred_at') }} > {{ first_day }}
),

answered as (
    select
        customer_id,
        channel,
        count(*) as answer_count
    from answers
    where customer_id is not null
    group by customer_id, channel
),

-- The last word on each channel, when it was yes.
declared as (
    select
        resolved.customer_id,
        updates.name as channel,
        max(updates.occurred_at) as declared_at
    from {{ ref('stg_files__preference_updates') }} as updates
    inner join {{ ref('int_identity__resolved') }} as resolved
        on {{ system_key('updates.customer_key', 'updates.customer_system') }} = resolved.record_id
    where updates.kind = 'channel' and updates.name in ('email', 'sms', 'phone', 'post')
    group by resolved.customer_id, updates.name
    having max_by(lower(updates.value), cast(updates.occurred_at as varchar)) = 'yes'
),

keys as (
    select customer_id, channel from exposures
    union
    select customer_id, channel from answered
    union
    select customer_id, channel from declared
),

final as (
    select
        keys.customer_id,
        keys.channel,
        coalesce(exposures.contact_count, 0) as contact_count,
        coalesce(answered.answer_count, 0) as answer_count,
        declared.declared_at
    from keys
    left join exposures
        on keys.customer_id = exposures.customer_id and keys.channel = exposures.channel
    left join answered
        on keys.customer_id = answered.customer_id and keys.channel = answered.channel
    left join declared
        on keys.customer_id = declared.customer_id and keys.channel = declared.channel
)

select * from final
