-- noqa: disable=LT02,LT07,LT09,ST05
-- A device with any new event is cut again from its first event on: a late event may join two old
-- sessions, so no later starting point is always right.
{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='visitor_key',
    on_schema_change='fail',
    post_hook="
        delete from {{ this }} where visitor_key in (
            select cut.visitor_key from {{ this }} as cut
            left join {{ ref('int_web_events__cleaned') }} as events
                on cut.visitor_key = events.visitor_key and not events.is_machine
            where events.visitor_key is null
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

stated as (
    select
        visitor_key,
        count(*) as event_count,
        max(loaded_at) as loaded_at
    from {{ ref('int_web_events__cleaned') }}
    where visitor_key is not null and not is_machine
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

-- Read twice, narrow each time: a list of whole events would not fit into memory.
{% for relation in ['steps', 'entries'] %}
    {{ relation }} as (
        select events.* from {{ ref('int_web_events__cleaned') }} as events
        {% if is_incremental() %}
            inner join touched on events.visitor_key = touched.visitor_key
        {% endif %}
        where events.visitor_key is not null and not events.is_machine
    ),
{% endfor %}

sessions as ({{ sessions_of('steps', 'visitor_key', marks) }}),

-- What the first event says of the way in, the first message and the first and last account.
described as (
    select
        instants.visitor_key,
        instants.started_at,
        min(entries.source_system) as source_system,
        min(entries.device_id) as device_id,
        {% for column in [
            'utm_source', 'utm_medium', 'utm_campaign', 'click_id', 'referrer_url', 'device',
        ] %}
            min({{ column }}) filter (where instants.kind = 'start') as {{ column }},
        {% endfor %}
        min(message_id) filter (where instants.kind = 'first_message') as message_id,
        min(record_id) filter (where instants.kind = 'first_account') as first_record_id,
        max(record_id) filter (where instants.kind = 'last_account') as last_record_id
    from (
        select visitor_key, started_at, started_at as instant, 'start' as kind from sessions
        {% for kind in ['first_message', 'first_account', 'last_account'] %}
            union all
            select visitor_key, started_at, {{ kind }}_at as instant, '{{ kind }}' as kind
            from sessions
            where {{ kind }}_at is not null
        {% endfor %}
    ) as instants
    inner join entries
        on
            instants.visitor_key = entries.visitor_key
            and instants.instant = entries.occurred_at
    group by instants.visitor_key, instants.started_at
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
