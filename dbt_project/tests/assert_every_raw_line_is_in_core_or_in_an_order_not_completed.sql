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
        coalesce(sum(original_net_amount), 0) as net_amount
    from {{ ref('fct_order_lines') }}
),

other_lines as (
    select
        count(*) as line_count,
        coalesce(sum(original_net_amount), 0) as net_amount
    from {{ ref('int_order_lines__resolved') }}
    where order_status <> 'completed'
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
