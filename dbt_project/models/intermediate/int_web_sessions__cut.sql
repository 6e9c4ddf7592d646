-- noqa: disable=LT02,LT09
-- A device with any new event is cut again from its first event on: a late event may join two old
-- sessions, so no later starting point is always right.
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='visitor_key',
    on_schema_change='fail',
    post_hook="
        delete from {{ this }} where visitor_key not in (
            select visitor_key from {{ ref('int_web_events__cleaned') }}
            where visitor_key is not null and not is_machine
        )
    ",
) }}

{% set marks = {
    'product_view': "event_type = 'product_view'",
    'content_view': "event_type in ('content_view', 'video_view')",
    'cart_add': "event_type = 'add_to_cart'",
    'order': "event_type = 'order'",
    'account': "record_id is not null",
    'message': "message_id is not null",
} %}

with

events as (
    select * from {{ ref('int_web_events__cleaned') }}
    where visitor_key is not null and not is_machine
),

stated as (
    select
        visitor_key,
        count(*) as event_count,
        max(loaded_at) as loaded_at
    from events
    group by visitor_key
),

touched as (
    select
        stated.visitor_key,
        stated.loaded_at
    from stated
    {% if is_incremental() %}
        left join (
            select visitor_key, sum(event_count) as event_count, max(loaded_at) as loaded_at
            from {{ this }}
            group by visitor_key
        ) as kept on stated.visitor_key = kept.visitor_key
        where
            stated.event_count is distinct from kept.event_count
            or stated.loaded_at is distinct from kept.loaded_at
    {% endif %}
),

touched_events as (
    select events.* from events
    {% if is_incremental() %}
        inner join touched on events.visitor_key = touched.visitor_key
    {% endif %}
),

sessions as ({{ sessions_of('touched_events', 'visitor_key', marks) }}),

-- What the first event says of the way in, and the first and last account of the visit.
described as (
    select
        sessions.visitor_key,
        sessions.started_at,
        min(touched_events.source_system) as source_system,
        min(touched_events.device_id) as device_id,
        {% for column in [
            'utm_source', 'utm_medium', 'utm_campaign', 'click_id', 'referrer_url', 'device',
        ] %}
            min({{ column }}) filter (where occurred_at = started_at) as {{ column }},
        {% endfor %}
        min(message_id) filter (where occurred_at = first_message_at) as message_id,
        min(record_id) filter (where occurred_at = first_account_at) as first_record_id,
        max(record_id) filter (where occurred_at = last_account_at) as last_record_id
    from sessions
    inner join touched_events
        on
            sessions.visitor_key = touched_events.visitor_key
            and touched_events.occurred_at
            in (
                sessions.started_at, sessions.first_account_at, sessions.last_account_at,
                sessions.first_message_at
            )
    group by sessions.visitor_key, sessions.started_at
),

final as (
    select
        sessions.visitor_key || '@' || cast(sessions.started_at as varchar) as session_id,
        sessions.visitor_key,
        described.source_system, described.device_id,
        described.first_record_id, described.last_record_id,
        described.utm_source, described.utm_medium, described.utm_campaign, described.click_id,
        described.referrer_url, described.message_id, described.device,
        sessions.event_count,
        sessions.product_view_count, sessions.content_view_count, sessions.cart_add_count,
        sessions.order_count > 0 as has_order,
        sessions.started_at, sessions.ended_at,
        sessions.known_at, touched.loaded_at
    from sessions
    inner join touched on sessions.visitor_key = touched.visitor_key
    inner join described
        on
            sessions.visitor_key = described.visitor_key
            and sessions.started_at = described.started_at
)

select * from final
