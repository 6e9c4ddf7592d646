-- noqa: disable=AL08,AL04
with

moved as (
    select
        from_month_end_on as month_end_on,
        sum(customer_count) as customer_count
    from {{ ref('rfm_moves') }}
    group by from_month_end_on
),

migrated as (
    select
        from_month_end_on as month_end_on,
        sum(customer_count) as customer_count
    from {{ ref('pmg_migration') }}
    group by from_month_end_on
),

held as (
    select
        month_end_on,
        count(*) as customer_count
    from {{ ref('rfm_history') }}
    group by month_end_on
)

select
    held.month_end_on,
    held.customer_count,
    moved.customer_count,
    migrated.customer_count
from held
left join moved on held.month_end_on = moved.month_end_on
left join migrated on held.month_end_on = migrated.month_end_on
where
    held.month_end_on < (select max(month_end_on) from held)
    and (
        held.customer_count is distinct from moved.customer_count
        or held.customer_count is distinct from migrated.customer_count
    )
