{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='as_of_date'
) }}

with

cut_offs as ({{ wanted_cut_offs() }}),

known_lines as ({{ known_order_lines('cut_offs', with_products=false) }}),

purchase_days as (
    select
        as_of_date,
        computed_at,
        customer_id,
        ordered_on,
        days_ago,
        sum(net_amount) as net_amount,
        count(*) as line_count
    from known_lines
    group by all
),

own_gaps as (
    select
        as_of_date,
        computed_at,
        customer_id,
        days_ago,
        net_amount,
        line_count,
        days_ago - min(days_ago) over customer as gap_to_last_days,
        min(days_ago) over customer as silence_days,
        lag(days_ago) over (customer order by ordered_on) - days_ago as gap_days
    from purchase_days
    window customer as (partition by as_of_date, customer_id)
),

final as (
    select
        as_of_date,
        customer_id,
        min(silence_days) as days_since_last_order,
        {% for days in [7, 14, 28, 56, 84] %}
            count(*) filter (where days_ago <= {{ days }}) as purchase_day_count_{{ days }}_days,
            coalesce(sum(net_amount) filter (where days_ago <= {{ days }}), 0)
                as net_amount_{{ days }}_days,
        {% endfor %}
        coalesce(sum(line_count) filter (where days_ago <= 28), 0) as line_count_28_days,
        coalesce(sum(line_count) filter (where days_ago <= 84), 0) as line_count_84_days,
        greatest(max(days_ago), 28) as observed_days,
        count(*) * 1.0 / greatest(max(days_ago), 28) as purchase_day_rate,
        sum(net_amount) / greatest(max(days_ago), 28) as net_amount_rate,
        avg(gap_days) as mean_gap_days,
        percentile_cont(0.5) within group (order by gap_days) as median_gap_days,
        percentile_cont(0.9) within group (order by gap_days) as long_gap_days,
        max(gap_days) as longest_gap_days,
        round(stddev_samp(gap_days), 6) as gap_deviation_days,
        min(gap_days) filter (where gap_to_last_days = 0) as last_gap_days,
        min(silence_days) / avg(gap_days) as silence_to_mean_gap_ratio,
        min(silence_days) / percentile_cont(0.5) within group (order by gap_days)
            as silence_to_median_gap_ratio,
        min(silence_days) / percentile_cont(0.9) within group (order by gap_days)
            as silence_to_long_gap_ratio,
        min(silence_days) * 1.0 / max(gap_days) as silence_to_longest_gap_ratio,
        avg(case when gap_days > silence_days then 1.0 when gap_days is not null then 0.0 end)
            as longer_gap_share,
        (count(*) filter (where gap_days > silence_days + 28) + 0.5)
        / (count(*) filter (where gap_days > silence_days) + 1) as silence_lasts_28_days_rate,
        count(*) filter (where days_ago <= 28) * 3.0
        / (count(*) filter (where days_ago <= 84) + 1) as purchase_trend_ratio,
        coalesce(sum(net_amount) filter (where days_ago <= 28), 0) * 3.0
        / (coalesce(sum(net_amount) filter (where days_ago <= 84), 0) + 1)
            as net_amount_trend_ratio,
        -- Least-squares slope over the twelve weekly values, newest week = 12: the weights of a
        -- regression on equally spaced points, (week - 6.5) / 143.
        coalesce(sum(6.5 - ceil(days_ago / 7.0)) filter (where days_ago <= 84), 0) / 143
            as weekly_purchase_slope,
        round(
            coalesce(
                sum(net_amount * (6.5 - ceil(days_ago / 7.0))) filter (where days_ago <= 84), 0
            )
            / 143, 6
        ) as weekly_net_amount_slope,
        -- Rounded, as every sum of fractions here: its last bit depends on the order of threads.
        {% for week in range(1, 13) %}
            count(*) filter (where days_ago > {{ 7 * (week - 1) }} and days_ago <= {{ 7 * week }})
                as purchase_day_count_week_{{ week }},
        {% endfor %}
        round(sum(power(0.5, days_ago / 14.0)), 6) as decayed_purchase_count_14_days,
        round(sum(power(0.5, days_ago / 42.0)), 6) as decayed_purchase_count_42_days,
        round(sum(net_amount * power(0.5, days_ago / 42.0)), 6) as decayed_net_amount_42_days,
        count(*) >= 3 and min(silence_days) <= 56 as is_active,
        min(computed_at) as computed_at
    from own_gaps
    group by as_of_date, customer_id
)

select * from final
