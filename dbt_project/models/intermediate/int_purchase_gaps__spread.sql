-- How regular each buyer is: the spread of the own gaps beside their mean, 0 for a metronome.
-- Sums of whole numbers and of decimals: sums of doubles would depend on the order of the rows.
with

snapshots as (
    select snapshot_on
    from {{ ref('int_snapshots__stated') }}
    where is_current or is_compared
),

sums as (
    select
        customer_days.customer_id,
        snapshots.snapshot_on,
        count(*) as gap_count,
        sum(customer_days.gap_days) as gap_days_sum,
        sum(customer_days.gap_days * customer_days.gap_days) as squared_gap_days_sum
    from {{ ref('int_customer_days__purchased') }} as customer_days
    inner join snapshots on customer_days.ordered_on <= snapshots.snapshot_on
    where customer_days.gap_days is not null
    group by customer_days.customer_id, snapshots.snapshot_on
),

-- The sample variance in squared means: n x (n x sum of squares - square of sum)
-- / ((n - 1) x square of sum).
gaps as (
    select
        customer_id,
        snapshot_on,
        gap_count,
        cast(
            gap_count * (gap_count * squared_gap_days_sum - gap_days_sum * gap_days_sum) as double
        ) / nullif((gap_count - 1) * gap_days_sum * gap_days_sum, 0) as squared_spread
    from sums
),

populations as (
    select
        snapshot_on,
        avg(cast(squared_spread as decimal(18, 9))) filter (where gap_count >= 3)
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
                * coalesce(gaps.squared_spread, 0)
                + {{ setting('prior_gap_count') }}
                * coalesce(populations.population_spread_squared, 1)
            ) / (gaps.gap_count - 1 + {{ setting('prior_gap_count') }})
        ) as gap_spread,
        sqrt(populations.population_spread_squared) as population_spread
    from gaps
    inner join populations on gaps.snapshot_on = populations.snapshot_on
)

select * from final
