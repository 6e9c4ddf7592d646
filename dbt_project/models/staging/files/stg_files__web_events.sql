with

web_events as (
    select * from {{ source('raw_files', 'web_events') }}
),

-- A deletion is a row of its own that repeats the key.
deleted as (
    select
        source_system,
        source_key
    from web_events
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
    where not exists (
        select 1
        from deleted
        where
            deleted.source_system = web_events.source_system
            and deleted.source_key = web_events.source_key
    )
)

select * from final
