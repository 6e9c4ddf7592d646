with

exposures as (
    select
        exposure_id,
        customer_id,
        campaign_id,
        channel,
        message_id,
        exposed_at,
        sent_known_at
    from {{ ref('fct_campaign_exposures') }}
    where not has_failed
),

responses as (
    select * from {{ ref('int_responses__united') }}
),

by_message as (
    select
        responses.response_key,
        exposures.exposure_id,
        'message_id' as method
    from responses
    inner join exposures on responses.message_id = exposures.message_id
),

-- The coupon names the campaign; else the last contact of the last days may have done it.
candidates as (
    select
        responses.response_key,
        exposures.exposure_id,
        exposures.exposed_at,
        coalesce(responses.coupon_campaign_id = exposures.campaign_id, false) as is_of_coupon
    from responses
    inner join exposures
        on
            responses.customer_id = exposures.customer_id
            and responses.responded_at >= exposures.exposed_at
    left join by_message on responses.response_key = by_message.response_key
    where
        by_message.response_key is null
        and (
            responses.coupon_campaign_id = exposures.campaign_id
            or (
                responses.coupon_campaign_id is null
                and exposures.exposed_at
                >= {{ instant_before(
                    'responses.responded_at', contact_setting('response_window_days')
                ) }}
            )
        )
),

last_touch as (
    select
        response_key,
        exposure_id,
        case when is_of_coupon then 'coupon' else 'time_window' end as method
    from candidates
    qualify
        row_number() over (partition by response_key order by exposed_at desc, exposure_id asc) = 1
),

linked as (
    select
        response_key,
        exposure_id,
        method
    from by_message
    union all
    select
        response_key,
        exposure_id,
        method
    from last_touch
),

final as (
    select
        responses.response_key as response_link_id,
        responses.response_kind,
        responses.response_id,
        coalesce(responses.customer_id, exposures.customer_id) as customer_id,
        exposures.exposure_id,
        coalesce(exposures.campaign_id, responses.coupon_campaign_id) as campaign_id,
        exposures.channel,
        -- A coupon of somebody else's letter: the campaign is known, the contact is not.
        coalesce(linked.method, 'coupon') as method,
        exposures.exposed_at,
        responses.responded_at,
        greatest({{ seconds_between('exposures.exposed_at', 'responses.responded_at') }}, 0)
        / 3600.0 as lag_hours,
        greatest(responses.known_at, exposures.sent_known_at) as known_at
    from responses
    left join linked on responses.response_key = linked.response_key
    left join exposures on linked.exposure_id = exposures.exposure_id
    where linked.response_key is not null or responses.coupon_campaign_id is not null
)

select * from final
