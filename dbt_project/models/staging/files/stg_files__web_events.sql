with

web_events as (
    select * from {{ source('raw_files', 'web_events') }}
),

-- A deletion is a row of its own that repeats the key. Read apart: a CTE that is read twice is
-- written down whole, every column of every row.
deleted as (
    select
        source_system as deleted_system,
        source_key as deleted_key
    from {{ source('raw_files', 'web_events') }}
    where is_deleted
    group by source_system, source_key
),

final as (
    select
        web_event_key,
        event_type,
        anonymous_id,
        customer_key,
        page_url,
        referrer_url,
        product_key,
        content_key,
        content_kind,
        topic,
        watched_share,
        search_text,
        cart_key,
        order_key,
        message_key,
        coupon_key,
        utm_source,
        utm_medium,
        utm_campaign,
        click_id,
        device,
        user_agent,
        is_bot,
        occurred_at,
        source_system,
        customer_system,
        product_system,
        order_system,
        message_system,
        cart_system,
        coupon_system,
        source_key,
        known_at,
        loaded_at
    from web_events
    left join deleted
        on
            web_events.source_system = deleted.deleted_system
            and web_events.source_key = deleted.deleted_key
    where deleted.deleted_key is null
)

select * from final
