-- noqa: disable=AL08,AL04
with

lines as (
    select coalesce(sum(net_amount), 0) as net_amount
    from {{ ref('fct_order_lines') }}
    where customer_id is not null and category is not null and ordered_on <= {{ as_of_date() }}
),

categories as (
    select coalesce(sum(net_amount), 0) as net_amount from {{ ref('customer_categories') }}
)

select
    lines.net_amount,
    categories.net_amount
from lines
cross join categories
where lines.net_amount <> categories.net_amount
