with

orders as (
    select
        customer_id,
        ordered_on,
        is_purchase,
        net_amount,
        loaded_at
    from {{ ref('fct_orders') }}
    where customer_id is not null and status = 'completed' and ordered_on <= {{ as_of_date() }}
),

days as (
    select
        customer_id,
        ordered_on,
        count(*) filter (where is_purchase) as order_count,
        coalesce(sum(net_amount), 0) as net_amount,
        max(loaded_at) as loaded_at
    from orders
    group by customer_id, ordered_on
),

-- Gaps run between days with a purchase: two tickets of one afternoon are one visit, and a day
-- that only gives money back is none.
purchase_days as (
    select
        customer_id,
        ordered_on,
        row_number() over (partition by customer_id order by ordered_on) as purchase_day_number,
        lag(ordered_on) over (partition by customer_id order by ordered_on) as previous_ordered_on
    from days
    where order_count > 0
),

final as (
    select
        days.customer_id,
        days.ordered_on,
        days.order_count,
        purchase_days.purchase_day_number,
        {{ day_difference('purchase_days.previous_ordered_on', 'days.ordered_on') }} as gap_days,
        cast(days.net_amount as decimal(18, 2)) as net_amount,
        days.loaded_at
    from days
    left join purchase_days
        on
            days.customer_id = purchase_days.customer_id
            and days.ordered_on = purchase_days.ordered_on
)

select * from final
