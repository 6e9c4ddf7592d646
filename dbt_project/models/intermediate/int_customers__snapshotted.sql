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

snapshots as (
    select
        snapshot_on,
        data_state
    from {{ ref('int_snapshots__stated') }}
    where snapshot_on in (select due.snapshot_on from {{ due_snapshots() }} as due)
),

customer_days as (
    select
        customer_id,
        ordered_on,
        order_count,
        gap_days,
        net_amount
    from {{ ref('int_customer_days__purchased') }}
),

windowed as (
    select
        snapshot_on,
        data_state,
        {{ days_before('snapshot_on', setting('window_days')) }} as window_starts_on
    from snapshots
),

final as (
    select
        customer_days.customer_id,
        windowed.snapshot_on,
        min(customer_days.ordered_on) filter (where customer_days.order_count > 0)
            as first_ordered_on,
        max(customer_days.ordered_on) filter (where customer_days.order_count > 0)
            as last_ordered_on,
        count(*) filter (where customer_days.order_count > 0) as purchase_day_count,
        count(customer_days.gap_days) as gap_count,
        cast(coalesce(sum(customer_days.gap_days), 0) as bigint) as gap_days_sum,
        cast(
            coalesce(
                sum(customer_days.order_count)
                filter (where customer_days.ordered_on >= windowed.window_starts_on),
                0
            ) as bigint
        ) as order_count,
        cast(
            coalesce(
                sum(customer_days.net_amount)
                filter (where customer_days.ordered_on >= windowed.window_starts_on),
                0
            ) as decimal(18, 2)
        ) as net_amount,
        windowed.data_state
    from windowed
    inner join customer_days on windowed.snapshot_on >= customer_days.ordered_on
    group by customer_days.customer_id, windowed.snapshot_on, windowed.data_state
    -- Who only ever gave back has bought nothing.
    having max(customer_days.order_count) > 0
)

select * from final
