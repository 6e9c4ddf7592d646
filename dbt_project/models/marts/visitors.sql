-- Devices on which nobody ever logged in. A kiosk is furniture: it is here only by its absence.
with

owned as (
    select device_id from {{ ref('int_devices__owned') }}
),

sessions as (
    select sessions.* from {{ ref('fct_web_sessions') }} as sessions
    left join owned on sessions.device_id = owned.device_id
    where
        sessions.device_id is not null
        and owned.device_id is null
        and sessions.device is distinct from 'kiosk'
        and sessions.started_on <= {{ as_of_date() }}
),

product_views as (
    select
        product_views.device_id,
        count(*) as organic_product_view_count,
        count(distinct products.product_id) as organic_product_count
    from {{ ref('int_product_views__united') }} as product_views
    inner join {{ ref('dim_products') }} as products
        on
            {{ system_key('product_views.product_key', 'product_views.product_system') }}
            = products.product_id
    where
        products.is_organic and {{ business_date('product_views.viewed_at') }} <= {{ as_of_date() }}
    group by product_views.device_id
),

video_views as (
    select
        device_id,
        count(*) as tutorial_video_view_count
    from {{ ref('int_content_views__united') }}
    where
        content_kind like 'tutorial%'
        and coalesce(watched_share, 1) >= {{ contact_setting('watched_share') }}
        and {{ business_date('viewed_at') }} <= {{ as_of_date() }}
    group by device_id
),

seen as (
    select
        device_id,
        min(started_on) as first_seen_on,
        max(started_on) as last_seen_on,
        count(*) as session_count,
        sum(event_count) as view_count,
        sum(product_view_count) as product_view_count,
        sum(content_view_count) as content_view_count,
        sum(cart_add_count) as cart_add_count,
        max_by(device, started_at) filter (where device is not null) as device,
        {% for column in ['utm_source', 'utm_medium', 'utm_campaign'] %}
            max_by({{ column }}, started_at) filter (where {{ column }} is not null)
                as last_{{ column }},
        {% endfor %}
        max(known_at) as known_at
    from sessions
    group by device_id
),

final as (
    select
        'v_' || substr({{ sha256_hex('seen.device_id') }}, 1, 16) as visitor_id,
        seen.first_seen_on,
        seen.last_seen_on,
        cast(seen.session_count as bigint) as session_count,
        cast(seen.view_count as bigint) as view_count,
        cast(seen.product_view_count as bigint) as product_view_count,
        cast(coalesce(product_views.organic_product_view_count, 0) as bigint)
            as organic_product_view_count,
        cast(coalesce(product_views.organic_product_count, 0) as bigint) as organic_product_count,
        cast(seen.content_view_count as bigint) as content_view_count,
        cast(coalesce(video_views.tutorial_video_view_count, 0) as bigint)
            as tutorial_video_view_count,
        cast(seen.cart_add_count as bigint) as cart_add_count,
        seen.device,
        seen.last_utm_source,
        seen.last_utm_medium,
        seen.last_utm_campaign
    from seen
    left join product_views on seen.device_id = product_views.device_id
    left join video_views on seen.device_id = video_views.device_id
)

select * from final
