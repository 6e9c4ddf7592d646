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

scored as (
    select * from {{ ref('int_rfm__scored') }}
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
        scored.customer_id,
        scored.snapshot_on as month_end_on,
        scored.days_since_last_order,
        scored.order_count,
        scored.net_amount,
        scored.recency_score,
        scored.frequency_score,
        scored.monetary_score,
        scored.rfm_score,
        scored.rfm_group,
        scored.rfm_group_label_en,
        scored.rfm_group_label_fr,
        {{ company_currency() }} as currency,
        scored.data_state
    from scored
    inner join months on scored.snapshot_on = months.snapshot_on
)

select * from final
