with

history as (
    select
        customer_id,
        month_end_on,
        rfm_group
    from {{ ref('rfm_history') }}
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
        earlier.rfm_group as from_group,
        later.rfm_group as to_group,
        count(*) as customer_count
    from months
    inner join history as earlier on months.from_month_end_on = earlier.month_end_on
    inner join history as later
        on months.to_month_end_on = later.month_end_on and earlier.customer_id = later.customer_id
    group by months.from_month_end_on, months.to_month_end_on, earlier.rfm_group, later.rfm_group
)

select * from final
