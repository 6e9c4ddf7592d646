-- To the row and to the cent. Duplicates and refused rows never reach raw_files.
with

raw_lines as (
    select
        count(*) as line_count,
        coalesce(sum(net_amount), 0) as net_amount
    from {{ ref('int_order_lines__united') }}
),

core_lines as (
    select
        count(*) as line_count,
        coalesce(sum(net_amount), 0) as net_amount
    from {{ ref('fct_order_lines') }}
),

other_lines as (
    select
        count(*) as line_count,
        coalesce(sum(order_lines.net_amount), 0) as net_amount
    from {{ ref('int_order_lines__united') }} as order_lines
    inner join {{ ref('int_orders__united') }} as orders
        on
            order_lines.source_system = orders.source_system
            and order_lines.order_key = orders.order_key
    where orders.status <> 'completed'
)

select
    raw_lines.*,
    core_lines.*,
    other_lines.*
from raw_lines
cross join core_lines
cross join other_lines
where
    raw_lines.line_count <> core_lines.line_count + other_lines.line_count
    or raw_lines.net_amount <> core_lines.net_amount + other_lines.net_amount
