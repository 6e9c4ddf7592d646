with

cycles as (
    select * from {{ ref('int_purchase_cycles__measured') }}
),

final as (
    select
        customer_id,
        snapshot_on as as_of_date,
        purchase_day_count,
        own_gap_days,
        typical_gap_days,
        population_gap_days,
        gap_spread,
        unusual_gap_ratio,
        last_ordered_on,
        silence_days,
        unusual_silence_days,
        silence_unusual_on,
        is_silence_unusual
    from cycles
    where is_current
)

select * from final
