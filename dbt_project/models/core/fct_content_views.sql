{{ config(materialized='table') }}

with

views as (
    select
        *,
        {{ system_key('customer_key', 'customer_system') }} as record_id
    from {{ ref('int_content_views__united') }}
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
        {{ system_key('views.view_key', 'views.source_system') }} as view_id,
        coalesce(resolved.customer_id, devices.customer_id) as customer_id,
        views.content_key,
        views.content_kind,
        views.topic,
        views.watched_share,
        views.content_kind like '%video%' as is_video,
        coalesce(views.watched_share, 1) >= {{ contact_setting('watched_share') }} as is_watched,
        {{ business_date('views.viewed_at') }} as viewed_on,
        views.viewed_at,
        case
            when resolved.customer_id is null then greatest(views.known_at, devices.known_at)
            else views.known_at
        end as known_at,
        views.loaded_at
    from views
    left join resolved on views.record_id = resolved.record_id
    left join devices on views.device_id = devices.device_id
    where resolved.customer_id is not null or devices.customer_id is not null
)

select * from final
