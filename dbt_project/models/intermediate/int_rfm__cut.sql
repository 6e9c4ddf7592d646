{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='snapshot_on',
    on_schema_change='fail',
    post_hook="
        delete from {{ this }} where snapshot_on not in (
            select snapshot_on from {{ ref('int_snapshots__stated') }}
        )
    ",
) }}

with

customers as (
    select
        snapshot_on,
        last_ordered_on,
        order_count,
        net_amount,
        data_state
    from {{ ref('int_customers__snapshotted') }}
    where snapshot_on in (select due.snapshot_on from {{ due_snapshots() }} as due)
),

settings as (
    select
        axis,
        score,
        upper_percentile
    from {{ ref('rfm_settings') }}
),

measured as (
    select
        snapshot_on,
        data_state,
        'recency' as axis,
        cast({{ day_difference('last_ordered_on', 'snapshot_on') }} as decimal(18, 2)) as measure
    from customers
    union all
    select
        snapshot_on,
        data_state,
        'frequency' as axis,
        cast(order_count as decimal(18, 2)) as measure
    from customers
    union all
    select
        snapshot_on,
        data_state,
        'monetary' as axis,
        net_amount as measure
    from customers
),

counted as (
    select
        snapshot_on,
        data_state,
        axis,
        measure,
        count(*) as customer_count
    from measured
    group by snapshot_on, data_state, axis, measure
),

-- Counts, not shares: whole numbers have no rounding, so a cut on a boundary is exact.
cumulated as (
    select
        *,
        sum(customer_count) over (partition by snapshot_on, axis order by measure)
            as customers_up_to,
        sum(customer_count) over (partition by snapshot_on, axis) as customers_in_all
    from counted
),

-- The smallest value that the share of customers up to it reaches: the value of a real customer.
cut as (
    select
        cumulated.snapshot_on,
        cumulated.data_state,
        settings.axis,
        settings.score,
        settings.upper_percentile,
        min(cumulated.measure) as upper_bound
    from cumulated
    inner join settings
        on
            cumulated.axis = settings.axis
            and cumulated.customers_up_to >= settings.upper_percentile * cumulated.customers_in_all
    group by
        cumulated.snapshot_on, cumulated.data_state,
        settings.axis, settings.score, settings.upper_percentile
),

final as (
    select
        snapshot_on,
        axis,
        score,
        -- Null bounds are open, so that every later value has a score too.
        lag(upper_bound) over (partition by snapshot_on, axis order by upper_percentile)
            as lower_bound,
        case
            when
                lead(score) over (partition by snapshot_on, axis order by upper_percentile)
                is not null
                then upper_bound
        end as upper_bound,
        data_state
    from cut
)

select * from final
