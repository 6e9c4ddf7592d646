with

classed as (
    select * from {{ ref('int_pmg__classed') }}
),

snapshots as (
    select
        snapshot_on,
        is_current,
        is_compared
    from {{ ref('int_snapshots__stated') }}
),

previous as (
    select
        classed.customer_id,
        classed.pmg_class
    from classed
    inner join snapshots on classed.snapshot_on = snapshots.snapshot_on
    where snapshots.is_compared
),

final as (
    select
        classed.customer_id,
        classed.snapshot_on as as_of_date,
        classed.net_amount,
        classed.cumulative_share,
        classed.pmg_class,
        previous.pmg_class as previous_pmg_class,
        coalesce(previous.pmg_class = 'gros' and classed.pmg_class <> 'gros', false)
            as has_left_gros,
        {{ company_currency() }} as currency
    from classed
    inner join snapshots on classed.snapshot_on = snapshots.snapshot_on
    left join previous on classed.customer_id = previous.customer_id
    where snapshots.is_current
)

select * from final
