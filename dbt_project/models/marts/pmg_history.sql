{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='month_end_on',
    on_schema_change='fail',
    post_hook="
        delete from {{ this }} where month_end_on not in (
            select snapshot_on from {{ ref('int_snapshots__stated') }} where is_month_end
        )
    ",
) }}

with

classed as (
    select * from {{ ref('int_pmg__classed') }}
),

-- Only the months that are new, or whose data or settings changed.
months as (
    select snapshot_on
    from {{ ref('int_snapshots__stated') }}
    where
        is_month_end
        and snapshot_on in (select due.snapshot_on from {{ due_snapshots('month_end_on') }} as due)
),

final as (
    select
        classed.customer_id,
        classed.snapshot_on as month_end_on,
        classed.net_amount,
        classed.cumulative_share,
        classed.pmg_class,
        {{ company_currency() }} as currency,
        classed.data_state
    from classed
    inner join months on classed.snapshot_on = months.snapshot_on
)

select * from final
