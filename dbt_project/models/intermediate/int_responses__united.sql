-- noqa: disable=LT09
-- What people did that a contact may have caused, with what each says of the contact itself.
with

messages as (
    select * from {{ ref('int_messages__summed') }}
    where clicked_at is not null
),

sessions as (
    select * from {{ ref('fct_web_sessions') }}
),

contacts as (
    select * from {{ ref('int_contacts__identified') }}
    where direction = 'inbound' and kind in ('call', 'question')
),

orders as (
    select * from {{ ref('fct_orders') }}
    where is_purchase and customer_id is not null
),

-- The order event tells in which visit an order was placed, and with which coupon.
web_orders as (
    select
        web_orders.order_id,
        max(coalesce(web_orders.message_id, sessions.message_id)) as message_id,
        max(offers.campaign_id) as coupon_campaign_id
    from {{ ref('fct_web_events') }} as web_orders
    left join sessions
        on
            web_orders.device_id = sessions.device_id
            and web_orders.occurred_at >= sessions.started_at
            and web_orders.occurred_at <= sessions.ended_at
    left join {{ ref('dim_offers') }} as offers
        on
            web_orders.coupon_key = offers.coupon_key
            and web_orders.coupon_system = offers.coupon_system
    where
        web_orders.event_type = 'order'
        and web_orders.order_id is not null
        and not web_orders.is_machine
    group by web_orders.order_id
),

redemptions as (
    select
        customer_id,
        redeemed_on,
        max(campaign_id) as campaign_id
    from {{ ref('fct_redemptions') }}
    group by customer_id, redeemed_on
),

final as (
    select
        'click|' || message_id as response_key, 'click' as response_kind,
        message_id as response_id, customer_id, message_id,
        cast(null as varchar) as coupon_campaign_id, clicked_at as responded_at, known_at
    from messages
    union all
    select
        'visit|' || session_id as response_key, 'visit' as response_kind,
        session_id as response_id, customer_id, message_id,
        null as coupon_campaign_id, started_at as responded_at, known_at
    from sessions
    where customer_id is not null or message_id is not null
    union all
    select
        'call|' || contact_id as response_key, 'call' as response_kind,
        contact_id as response_id, customer_id, null as message_id,
        null as coupon_campaign_id, occurred_at as responded_at, known_at
    from contacts
    where customer_id is not null
    union all
    select
        'order|' || orders.order_id as response_key, 'order' as response_kind,
        orders.order_id as response_id, orders.customer_id, web_orders.message_id,
        coalesce(web_orders.coupon_campaign_id, redemptions.campaign_id) as coupon_campaign_id,
        orders.ordered_at as responded_at, orders.known_at
    from orders
    left join web_orders on orders.order_id = web_orders.order_id
    left join redemptions
        on
            orders.customer_id = redemptions.customer_id
            and orders.ordered_on = redemptions.redeemed_on
)

select * from final
