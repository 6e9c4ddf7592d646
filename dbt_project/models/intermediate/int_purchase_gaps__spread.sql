-- How regular each buyer is: the spread of the own gaps beside their mean, 0 for a metronome.
with

snapshots as (
    select snapshot_on
    from {{ ref('int_snapshots__stated') }}
    where is_current or is_compared
),

gaps as (
    select
        customer_days.customer_id,
        snapshots.snapshot_on,
        count(*) as gap_count,
        avg(cast(customer_days.gap_days as double)) as own_gap_days,
        var_samp(cast(customer_days.gap_days as double)) as gap_variance
    from {{ ref('int_customer_days__purchased') }} as customer_days
    inner join snapshots on customer_days.ordered_on <= snapshots.snapshot_on
    where customer_days.gap_days is not null
    group by customer_days.customer_id, snapshots.snapshot_on
),

populations as (
    select
        snapshot_on,
        avg(gap_variance / (own_gap_days * own_gap_days)) filter (where gap_count >= 3)
            as population_spread_squared
    from gaps
    group by snapshot_on
),

-- Drawn towards the population's as if prior_gap_count of its gaps had been seen too; one gap
-- says nothing about its own spread.
final as (
    select
        gaps.customer_id,
        gaps.snapshot_on,
        sqrt(
            (
                (gaps.gap_count - 1)
                * coalesce(gaps.gap_variance / (gaps.own_gap_days * gaps.own_gap_days), 0)
                + {{ setting('prior_gap_count') }}
                * coalesce(populations.population_spread_squared, 1)
            ) / (gaps.gap_count - 1 + {{ setting('prior_gap_count') }})
        ) as gap_spread,
        sqrt(populations.population_spread_squared) as population_spread
    from gaps
    inner join populations on gaps.snapshot_on = populations.snapshot_on
)

select * from final
