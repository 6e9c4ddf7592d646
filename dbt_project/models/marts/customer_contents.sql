with

content_views as (
    select
        customer_id,
        content_key,
        content_kind,
        topic,
        is_watched,
        viewed_on
    from {{ ref('fct_content_views') }}
    where viewed_on <= {{ as_of_date() }}
),

final as (
    select
        customer_id,
        content_key,
        content_kind,
        max(topic) as topic,
        count(*) as view_count,
        count(*) filter (where is_watched) as watched_count,
        min(viewed_on) as first_viewed_on,
        max(viewed_on) as last_viewed_on
    from content_views
    group by customer_id, content_key, content_kind
)

select * from final
