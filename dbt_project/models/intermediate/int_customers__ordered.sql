with

orders as (
    select
        customer_id,
        store_id,
        channel,
        is_purchase,
        has_coupon,
        ordered_on,
        line_count,
        sale_amount,
        net_amount,
        returned_amount,
        discount_amount,
        margin_amount
    from {{ ref('fct_orders') }}
    where customer_id is not null and status = 'completed' and ordered_on <= {{ as_of_date() }}
),

windows as (
    select
        {{ days_before(as_of_date(), 28) }} as since_28,
        {{ days_before(as_of_date(), 84) }} as since_84,
        {{ days_before(as_of_date(), 168) }} as since_168,
        {{ days_before(as_of_date(), 365) }} as since_365
),

main_stores as (
    select
        customer_id,
        store_id
    from orders
    where store_id is not null and is_purchase
    group by customer_id, store_id
    qualify row_number() over (partition by customer_id order by count(*) desc, store_id asc) = 1
),

main_channels as (
    select
        customer_id,
        channel,
        count(*) over (partition by customer_id) as channel_count
    from orders
    where is_purchase
    group by customer_id, channel
    qualify row_number() over (partition by customer_id order by count(*) desc, channel asc) = 1
),

summed as (
    select
        orders.customer_id,
        min(orders.ordered_on) filter (where orders.is_purchase) as first_ordered_on,
        max(orders.ordered_on) filter (where orders.is_purchase) as last_ordered_on,
        count(distinct orders.ordered_on) filter (where orders.is_purchase) as purchase_day_count,
        count(*) filter (where orders.is_purchase) as order_count,
        sum(orders.line_count) as order_line_count,
        sum(orders.sale_amount) as sale_amount,
        coalesce(sum(orders.net_amount), 0) as net_amount,
        coalesce(sum(orders.net_amount) filter (where orders.ordered_on >= windows.since_28), 0)
            as net_amount_28_days,
        coalesce(sum(orders.net_amount) filter (where orders.ordered_on >= windows.since_84), 0)
            as net_amount_84_days,
        coalesce(sum(orders.net_amount) filter (where orders.ordered_on >= windows.since_365), 0)
            as net_amount_365_days,
        coalesce(
            sum(orders.net_amount) filter (
                where
                orders.ordered_on >= windows.since_168
                and orders.ordered_on < windows.since_84
            ),
            0
        ) as previous_net_amount_84_days,
        coalesce(sum(orders.returned_amount), 0) as return_amount,
        sum(orders.discount_amount) as discount_amount,
        sum(orders.margin_amount) as margin_amount,
        count(*) filter (where orders.is_purchase and orders.has_coupon) as coupon_order_count,
        -- No order with a store: unknown, as for who buys on the web only.
        nullif(count(distinct orders.store_id), 0) as store_count
    from orders
    cross join windows
    group by orders.customer_id
),

final as (
    select
        summed.customer_id,
        summed.first_ordered_on,
        summed.last_ordered_on,
        summed.purchase_day_count,
        summed.order_count,
        summed.order_line_count,
        summed.sale_amount,
        summed.net_amount,
        summed.net_amount_28_days,
        summed.net_amount_84_days,
        summed.net_amount_365_days,
        summed.previous_net_amount_84_days,
        summed.return_amount,
        summed.discount_amount,
        summed.margin_amount,
        summed.coupon_order_count,
        summed.store_count,
        main_stores.store_id as main_store_id,
        main_channels.channel as main_channel,
        coalesce(main_channels.channel_count > 1, false) as is_omnichannel
    from summed
    left join main_channels on summed.customer_id = main_channels.customer_id
    left join main_stores on summed.customer_id = main_stores.customer_id
)

select * from final
