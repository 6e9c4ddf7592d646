-- Cheap to read in part: a column that nobody asks for is never computed.
with

web_events as (
    select * from {{ ref('stg_files__web_events') }}
),

keyed as (
    select
        *,
        {{ system_key('web_event_key') }} as web_event_id,
        {{ system_key('anonymous_id') }} as device_id,
        {{ system_key('customer_key', 'customer_system') }} as record_id,
        {{ system_key('product_key', 'product_system') }} as product_id,
        {{ system_key('cart_key', 'cart_system') }} as cart_id,
        {{ system_key('order_key', 'order_system') }} as order_id,
        {{ system_key('message_key', 'message_system') }} as message_id,
        coalesce(is_bot, false) or {{ is_machine_agent('user_agent') }} as is_machine
    from web_events
),

final as (
    select
        web_event_id,
        web_event_key,
        customer_key,
        product_key,
        source_system,
        customer_system,
        product_system,
        source_key,
        device_id,
        record_id,
        -- Where a browser keeps no cookie, the account alone tells one visit from another.
        coalesce(device_id, record_id) as visitor_key,
        event_type,
        page_url,
        referrer_url,
        product_id,
        content_key,
        content_kind,
        topic,
        watched_share,
        search_text,
        cart_id,
        order_id,
        message_id,
        coupon_key,
        coupon_system,
        utm_source,
        utm_medium,
        utm_campaign,
        click_id,
        device,
        is_machine,
        occurred_at,
        known_at,
        loaded_at
    from keyed
)

select * from final
