-- noqa: disable=AL08,AL04
with

orders as (
    select
        coalesce(sum(net_amount), 0) as net_amount,
        coalesce(sum(net_amount) filter (where customer_id is null), 0) as unidentified_net_amount
    from {{ ref('fct_orders') }}
    where status = 'completed' and ordered_on <= {{ as_of_date() }}
),

-- What people bought whose data nobody may use any more is revenue all the same.
retained as (
    select coalesce(sum(orders.net_amount), 0) as net_amount
    from {{ ref('fct_orders') }} as orders
    inner join {{ ref('retention') }} as retention on orders.customer_id = retention.customer_id
    where
        retention.retention_state <> 'active'
        and orders.status = 'completed'
        and orders.ordered_on <= {{ as_of_date() }}
),

people as (
    select
        coalesce(sum(customers.net_amount), 0) + (select retained.net_amount from retained)
            as net_amount
    from {{ ref('customer_360') }} as customers
),

months as (
    select coalesce(sum(net_amount), 0) as net_amount from {{ ref('revenue_by_month') }}
)

select
    orders.net_amount,
    orders.unidentified_net_amount,
    people.net_amount,
    months.net_amount
from orders
cross join people
cross join months
where
    orders.net_amount <> people.net_amount + orders.unidentified_net_amount
    or orders.net_amount <> months.net_amount
