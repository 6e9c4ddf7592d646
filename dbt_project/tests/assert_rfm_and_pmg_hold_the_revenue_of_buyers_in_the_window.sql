-- noqa: disable=AL08,AL04
with

buyers as (
    select customer_id
    from {{ ref('fct_orders') }}
    where is_purchase and ordered_on <= {{ as_of_date() }}
    group by customer_id
),

orders as (
    select coalesce(sum(orders.net_amount), 0) as net_amount
    from {{ ref('fct_orders') }} as orders
    inner join buyers on orders.customer_id = buyers.customer_id
    where
        orders.status = 'completed'
        and orders.ordered_on <= {{ as_of_date() }}
        and orders.ordered_on >= {{ days_before(as_of_date(), setting('window_days')) }}
),

rfm as (select coalesce(sum(net_amount), 0) as net_amount from {{ ref('rfm') }}),

pmg as (select coalesce(sum(net_amount), 0) as net_amount from {{ ref('pmg') }}),

pmg_classes as (select coalesce(sum(net_amount), 0) as net_amount from {{ ref('pmg_classes') }})

select
    orders.net_amount,
    rfm.net_amount,
    pmg.net_amount,
    pmg_classes.net_amount
from orders
cross join rfm
cross join pmg
cross join pmg_classes
where
    orders.net_amount <> rfm.net_amount
    or orders.net_amount <> pmg.net_amount
    or orders.net_amount <> pmg_classes.net_amount
