-- noqa: disable=AL08,AL04
-- From the month of the first purchase of a known person to the last month that is over.
with

months as (
    select dim_dates.date_on as month_end_on
    from {{ ref('dim_dates') }} as dim_dates
    where
        dim_dates.is_month_end
        and dim_dates.date_on >= (
            select min(ordered_on) from {{ ref('fct_orders') }}
            where is_purchase and customer_id is not null
        )
),

rfm as (
    select
        month_end_on,
        count(*) as customer_count
    from {{ ref('rfm_history') }}
    group by month_end_on
),

pmg as (
    select
        month_end_on,
        count(*) as customer_count
    from {{ ref('pmg_history') }}
    group by month_end_on
)

select
    months.month_end_on,
    rfm.customer_count,
    pmg.customer_count
from months
full outer join rfm on months.month_end_on = rfm.month_end_on
full outer join pmg on months.month_end_on = pmg.month_end_on
where
    months.month_end_on is null
    or rfm.customer_count is null
    or rfm.customer_count is distinct from pmg.customer_count
