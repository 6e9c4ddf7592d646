with

orders as (
    select
        customer_id,
        status,
        is_purchase,
        net_amount,
        ordered_on,
        {{ month_of('ordered_on') }} as month_on
    from {{ ref('fct_orders') }}
    where status = 'completed' and ordered_on <= {{ as_of_date() }}
),

first_months as (
    select
        customer_id,
        min(month_on) as first_month_on
    from orders
    where customer_id is not null and is_purchase
    group by customer_id
),

newcomers as (
    select
        first_month_on as month_on,
        count(*) as new_customer_count
    from first_months
    group by first_month_on
),

months as (
    select
        month_on,
        max(date_on) as last_date_on,
        max(month_end_on) as month_end_on
    from {{ ref('dim_dates') }}
    group by month_on
),

final as (
    select
        months.month_on,
        {{ net_revenue('orders') }} as net_amount,
        {{ net_revenue('orders', 'orders.customer_id is null') }} as unidentified_net_amount,
        count(*) filter (where orders.is_purchase) as order_count,
        {{ active_customers('orders') }} as active_customer_count,
        coalesce(max(newcomers.new_customer_count), 0) as new_customer_count,
        -- The month in which the run's day lies is not over, and reads as a fall on a curve.
        months.last_date_on = months.month_end_on as is_complete,
        {{ company_currency() }} as currency
    from months
    left join orders on months.month_on = orders.month_on
    left join newcomers on months.month_on = newcomers.month_on
    group by months.month_on, months.last_date_on, months.month_end_on
)

select * from final
