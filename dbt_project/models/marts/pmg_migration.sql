with

history as (
    select
        customer_id,
        month_end_on,
        pmg_class,
        net_amount
    from {{ ref('pmg_history') }}
),

months as (
    select
        snapshot_on as to_month_end_on,
        lag(snapshot_on) over (order by snapshot_on) as from_month_end_on
    from {{ ref('int_snapshots__stated') }}
    where is_month_end
),

final as (
    select
        months.from_month_end_on,
        months.to_month_end_on,
        earlier.pmg_class as from_class,
        later.pmg_class as to_class,
        count(*) as customer_count,
        cast(sum(later.net_amount) as decimal(18, 2)) as net_amount,
        {{ company_currency() }} as currency
    from months
    inner join history as earlier on months.from_month_end_on = earlier.month_end_on
    inner join history as later
        on months.to_month_end_on = later.month_end_on and earlier.customer_id = later.customer_id
    group by months.from_month_end_on, months.to_month_end_on, earlier.pmg_class, later.pmg_class
)

select * from final
