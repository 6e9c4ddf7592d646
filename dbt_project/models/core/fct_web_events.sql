{{ config(materialized='view') }}

with

web_events as (
    select * from {{ ref('int_web_events__cleaned') }}
),

resolved as (
    select
        record_id,
        customer_id
    from {{ ref('int_identity__resolved') }}
),

devices as (
    select
        device_id,
        customer_id,
        known_at
    from {{ ref('int_devices__owned') }}
    where customer_id is not null
),

final as (
    select
        web_events.web_event_id,
        web_events.source_system,
        web_events.device_id,
        case
            when not web_events.is_machine
                then coalesce(resolved.customer_id, devices.customer_id)
        end as customer_id,
        case
            when web_events.is_machine then null
            when resolved.customer_id is not null then 'account'
            when devices.customer_id is not null then 'device'
        end as identified_by,
        web_events.event_type,
        web_events.page_url,
        web_events.referrer_url,
        web_events.product_id,
        web_events.content_key,
        web_events.content_kind,
        web_events.topic,
        web_events.watched_share,
        web_events.search_text,
        web_events.cart_id,
        web_events.order_id,
        web_events.message_id,
        web_events.coupon_key,
        web_events.coupon_system,
        web_events.utm_source,
        web_events.utm_medium,
        web_events.utm_campaign,
        web_events.click_id,
        web_events.device,
        web_events.is_machine,
        {{ business_date('web_events.occurred_at') }} as occurred_on,
        web_events.occurred_at,
        -- Whose it is may be known later than that it happened.
        case
            when resolved.customer_id is null
                then greatest(web_events.known_at, devices.known_at)
            else web_events.known_at
        end as known_at,
        web_events.loaded_at
    from web_events
    left join resolved on web_events.record_id = resolved.record_id
    left join devices on web_events.device_id = devices.device_id
)

select * from final
