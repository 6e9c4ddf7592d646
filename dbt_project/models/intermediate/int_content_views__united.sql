-- A coded system joins here with `union all` and the same columns.
with

from_files as (
    select
        view_key,
        customer_key,
        cast(null as varchar) as device_id,
        content_key,
        content_kind,
        topic,
        cast(null as decimal(9, 4)) as watched_share,
        viewed_at,
        source_system,
        customer_system,
        source_key,
        known_at,
        loaded_at
    from {{ ref('stg_files__content_views') }}
),

web_events as (
    select
        *,
        coalesce(content_kind, 'article') as kind,
        {{ business_date('occurred_at') }} as viewed_on
    from {{ ref('int_web_events__cleaned') }}
    where
        event_type in ('content_view', 'video_view')
        and content_key is not null
        and not is_machine
),

-- To open the page of a video and to play it is one view.
from_web_events as (
    select
        web_event_key as view_key,
        customer_key,
        device_id,
        content_key,
        kind as content_kind,
        topic,
        watched_share,
        occurred_at as viewed_at,
        source_system,
        customer_system,
        source_key,
        known_at,
        loaded_at
    from web_events
    qualify
        event_type = 'video_view'
        or not coalesce(
            bool_or(event_type = 'video_view') over (
                partition by coalesce(visitor_key, web_event_id), content_key, viewed_on
            ),
            false
        )
)

select * from from_files
union all
select * from from_web_events
