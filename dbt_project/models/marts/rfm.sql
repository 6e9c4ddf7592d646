with

scored as (
    select * from {{ ref('int_rfm__scored') }}
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
        scored.customer_id,
        scored.rfm_group
    from scored
    inner join snapshots on scored.snapshot_on = snapshots.snapshot_on
    where snapshots.is_compared
),

final as (
    select
        scored.customer_id,
        scored.snapshot_on as as_of_date,
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
        previous.rfm_group as previous_rfm_group,
        {{ company_currency() }} as currency
    from scored
    inner join snapshots on scored.snapshot_on = snapshots.snapshot_on
    left join previous on scored.customer_id = previous.customer_id
    where snapshots.is_current
)

select * from final
