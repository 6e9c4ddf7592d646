-- noqa: disable=AL08,AL04
with

lines as (
    select
        order_id,
        count(*) as line_count,
        sum(net_amount) as net_amount
    from {{ ref('fct_order_lines') }}
    group by order_id
),

orders as (
    select
        order_id,
        line_count,
        net_amount
    from {{ ref('fct_orders') }}
    where status = 'completed' and line_count > 0
)

select
    coalesce(lines.order_id, orders.order_id) as order_id,
    lines.net_amount,
    orders.net_amount
from lines
full outer join orders on lines.order_id = orders.order_id
where
    lines.net_amount is distinct from orders.net_amount
    or lines.line_count is distinct from orders.line_count
