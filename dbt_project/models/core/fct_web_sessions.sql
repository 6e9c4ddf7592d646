{{ config(materialized='view') }}

with

sessions as (
    select * from {{ ref('int_web_sessions__cut') }}
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
        is_kiosk,
        known_at
    from {{ ref('int_devices__owned') }}
),

identified as (
    select
        sessions.*,
        devices.known_at as device_known_at,
        case
            when devices.is_kiosk then null
            when devices.customer_id is not null then devices.customer_id
            -- A device of two: the visit is of the one who logged in during it.
            when first_people.customer_id = last_people.customer_id then first_people.customer_id
        end as customer_id
    from sessions
    left join devices on sessions.device_id = devices.device_id
    left join resolved as first_people on sessions.first_record_id = first_people.record_id
    left join resolved as last_people on sessions.last_record_id = last_people.record_id
),

final as (
    select
        session_id,
        source_system,
        device_id,
        customer_id,
        utm_source,
        utm_medium,
        utm_campaign,
        click_id,
        referrer_url,
        message_id,
        device,
        event_count,
        product_view_count,
        content_view_count,
        cart_add_count,
        has_order,
        {{ business_date('started_at') }} as started_on,
        started_at,
        ended_at,
        case when customer_id is null then known_at else greatest(known_at, device_known_at) end
            as known_at,
        loaded_at
    from identified
)

select * from final
