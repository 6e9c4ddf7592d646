-- A view: the history and the current scores each read the snapshots they need.
with

customers as (
    select
        customer_id,
        snapshot_on,
        {{ day_difference('last_ordered_on', 'snapshot_on') }} as days_since_last_order,
        order_count,
        net_amount,
        data_state
    from {{ ref('int_customers__snapshotted') }}
),

cuts as (
    select
        snapshot_on,
        axis,
        score,
        lower_bound,
        upper_bound
    from {{ ref('int_rfm__cut') }}
),

rfm_groups as (
    select
        recency_score,
        frequency_monetary_score,
        rfm_group,
        label_en,
        label_fr
    from {{ ref('rfm_groups') }}
),

scored as (
    select
        customers.customer_id,
        customers.snapshot_on,
        customers.days_since_last_order,
        customers.order_count,
        customers.net_amount,
        customers.data_state,
        cast(recency.score as integer) as recency_score,
        cast(frequency.score as integer) as frequency_score,
        cast(monetary.score as integer) as monetary_score
    from customers
    left join cuts as recency
        on
            customers.snapshot_on = recency.snapshot_on
            and recency.axis = 'recency'
            and {{ in_cut('customers.days_since_last_order', 'recency') }}
    left join cuts as frequency
        on
            customers.snapshot_on = frequency.snapshot_on
            and frequency.axis = 'frequency'
            and {{ in_cut('customers.order_count', 'frequency') }}
    left join cuts as monetary
        on
            customers.snapshot_on = monetary.snapshot_on
            and monetary.axis = 'monetary'
            and {{ in_cut('customers.net_amount', 'monetary') }}
),

final as (
    select
        scored.customer_id,
        scored.snapshot_on,
        scored.days_since_last_order,
        scored.order_count,
        scored.net_amount,
        scored.recency_score,
        scored.frequency_score,
        scored.monetary_score,
        cast(scored.recency_score as varchar) || cast(scored.frequency_score as varchar)
        || cast(scored.monetary_score as varchar) as rfm_score,
        rfm_groups.rfm_group,
        rfm_groups.label_en as rfm_group_label_en,
        rfm_groups.label_fr as rfm_group_label_fr,
        scored.data_state
    from scored
    left join rfm_groups
        on
            scored.recency_score = rfm_groups.recency_score
            -- Mean of the two, halves upwards.
            and cast(floor((scored.frequency_score + scored.monetary_score + 1) / 2) as integer)
            = rfm_groups.frequency_monetary_score
)

select * from final
