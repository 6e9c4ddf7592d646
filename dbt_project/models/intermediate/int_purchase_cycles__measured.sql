-- noqa: disable=LT09
-- Columns stand in blocks by subject: one a line would hide the clock.
with

snapshots as (
    select snapshot_on, is_current from {{ ref('int_snapshots__stated') }}
    where is_current or is_compared
),

customers as (
    select
        snapshotted.customer_id, snapshots.snapshot_on, snapshots.is_current,
        snapshotted.last_ordered_on, snapshotted.purchase_day_count,
        snapshotted.gap_count, snapshotted.gap_days_sum,
        cast(snapshotted.gap_days_sum as double) / nullif(snapshotted.gap_count, 0) as own_gap_days
    from {{ ref('int_customers__snapshotted') }} as snapshotted
    inner join snapshots on snapshotted.snapshot_on = snapshots.snapshot_on
),

-- Every customer weighs the same, however often he comes: the middle one of those with three gaps.
populations as (
    select
        snapshots.snapshot_on,
        coalesce(
            percentile_cont(0.5) within group (order by customers.own_gap_days)
            filter (where customers.gap_count >= 3),
            {{ setting('population_gap_days') }}
        ) as population_gap_days
    from snapshots
    left join customers on snapshots.snapshot_on = customers.snapshot_on
    group by snapshots.snapshot_on
),

-- The own gap, drawn towards the population's as if prior_gap_count of those had been seen too.
shrunk as (
    select
        customers.*,
        populations.population_gap_days,
        (
            customers.gap_days_sum
            + {{ setting('prior_gap_count') }} * populations.population_gap_days
        ) / (customers.gap_count + {{ setting('prior_gap_count') }}) as typical_gap_days,
        coalesce(
            spreads.gap_spread,
            max(spreads.population_spread) over (partition by customers.snapshot_on),
            1
        ) as gap_spread
    from customers
    inner join populations on customers.snapshot_on = populations.snapshot_on
    left join {{ ref('int_purchase_gaps__spread') }} as spreads
        on
            customers.customer_id = spreads.customer_id
            and customers.snapshot_on = spreads.snapshot_on
),

-- Each gap beside its owner's habit: how many of his own spreads it was longer than typical.
stretched as (
    select
        shrunk.snapshot_on,
        (customer_days.gap_days / shrunk.typical_gap_days - 1) / shrunk.gap_spread as stretch,
        percent_rank() over (
            partition by shrunk.snapshot_on
            order by (customer_days.gap_days / shrunk.typical_gap_days - 1) / shrunk.gap_spread
        ) as stretch_rank
    from shrunk
    inner join {{ ref('int_customer_days__purchased') }} as customer_days
        on
            shrunk.customer_id = customer_days.customer_id
            and shrunk.snapshot_on >= customer_days.ordered_on
    where shrunk.gap_count >= 3 and customer_days.gap_days is not null
),

-- How many spreads a silence goes beyond the typical gap before it is longer than nearly all that
-- ended. The setting is the ratio of somebody who comes at random (spread 1).
ratios as (
    select
        snapshots.snapshot_on,
        case
            when count(stretched.stretch) >= 100
                then
                    min(stretched.stretch)
                    filter (where stretched.stretch_rank >= {{ setting('unusual_gap_percentile') }})
            else {{ setting('unusual_gap_ratio') }} - 1
        end as unusual_stretch
    from snapshots
    left join stretched on snapshots.snapshot_on = stretched.snapshot_on
    group by snapshots.snapshot_on
),

timed as (
    select
        shrunk.*,
        1 + ratios.unusual_stretch * shrunk.gap_spread as unusual_gap_ratio,
        {{ day_difference('shrunk.last_ordered_on', 'shrunk.snapshot_on') }} as silence_days,
        -- However the population behaves, the own gap is never too long a silence.
        greatest(
            cast(
                ceil(shrunk.typical_gap_days * (1 + ratios.unusual_stretch * shrunk.gap_spread))
                as bigint
            ),
            cast(ceil(coalesce(shrunk.own_gap_days, 0)) as bigint) + 1,
            cast({{ setting('smallest_unusual_silence_days') }} as bigint)
        ) as unusual_silence_days
    from shrunk
    inner join ratios on shrunk.snapshot_on = ratios.snapshot_on
),

final as (
    select
        customer_id, snapshot_on, is_current,
        last_ordered_on, purchase_day_count, gap_count, gap_days_sum,
        own_gap_days, population_gap_days, typical_gap_days, gap_spread, unusual_gap_ratio,
        silence_days, unusual_silence_days,
        {{ days_after('last_ordered_on', 'unusual_silence_days') }} as silence_unusual_on,
        silence_days >= unusual_silence_days as is_silence_unusual
    from timed
)

select * from final
