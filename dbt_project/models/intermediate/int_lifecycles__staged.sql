with

cycles as (
    select * from {{ ref('int_purchase_cycles__measured') }}
),

customer_days as (
    select
        customer_id,
        ordered_on,
        purchase_day_number,
        gap_days
    from {{ ref('int_customer_days__purchased') }}
    where gap_days is not null
),

rfm as (
    select
        customer_id,
        snapshot_on,
        frequency_score
    from {{ ref('int_rfm__scored') }}
),

settings as (
    select
        {{ setting('lapsed_ratio') }} as lapsed_ratio,
        {{ setting('lost_ratio') }} as lost_ratio,
        {{ setting('prior_gap_count') }} as prior_gap_count,
        {{ setting('smallest_unusual_silence_days') }} as smallest_unusual_silence_days,
        {{ setting('reactivated_purchase_days') }} as reactivated_purchase_days,
        {{ setting('loyal_purchase_days') }} as loyal_purchase_days,
        {{ setting('loyal_frequency_score') }} as loyal_frequency_score
),

-- A gap is judged by the customer's other gaps: left in, a long silence would excuse itself.
returns as (
    select
        cycles.customer_id,
        cycles.snapshot_on
    from cycles
    inner join customer_days
        on
            cycles.customer_id = customer_days.customer_id
            and cycles.snapshot_on >= customer_days.ordered_on
    cross join settings
    where
        customer_days.purchase_day_number
        > cycles.purchase_day_count - settings.reactivated_purchase_days
        and customer_days.gap_days >= settings.lapsed_ratio * greatest(
            settings.smallest_unusual_silence_days,
            cycles.unusual_gap_ratio * (
                cycles.gap_days_sum - customer_days.gap_days
                + settings.prior_gap_count * cycles.population_gap_days
            ) / (cycles.gap_count - 1 + settings.prior_gap_count)
        )
    group by cycles.customer_id, cycles.snapshot_on
),

final as (
    select
        cycles.customer_id,
        cycles.snapshot_on,
        cycles.is_current,
        case
            when cycles.silence_days >= settings.lost_ratio * cycles.unusual_silence_days
                then 'lost'
            when cycles.silence_days >= settings.lapsed_ratio * cycles.unusual_silence_days
                then 'lapsed'
            when cycles.is_silence_unusual then 'at_risk'
            when cycles.purchase_day_count = 1 then 'first_buyer'
            when returns.customer_id is not null then 'reactivated'
            when
                cycles.purchase_day_count >= settings.loyal_purchase_days
                and rfm.frequency_score >= settings.loyal_frequency_score
                then 'loyal'
            else 'active'
        end as lifecycle_stage
    from cycles
    cross join settings
    left join returns
        on cycles.customer_id = returns.customer_id and cycles.snapshot_on = returns.snapshot_on
    left join rfm on cycles.customer_id = rfm.customer_id and cycles.snapshot_on = rfm.snapshot_on
)

select * from final
