{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='as_of_date'
) }}

with

cut_offs as ({{ wanted_cut_offs() }}),

known_lines as ({{ known_order_lines('cut_offs') }}),

-- Every active customer meets every listed category, bought before or not.
pairs as (
    select
        customers.as_of_date,
        customers.customer_id,
        categories.category,
        categories.penetration_28_days,
        categories.penetration_84_days,
        categories.penetration_trend_ratio,
        customers.purchase_day_rate,
        customers.days_since_last_order,
        customers.purchase_day_count_28_days,
        customers.purchase_day_count_84_days,
        customers.net_amount_84_days,
        customers.observed_days,
        cut_offs.computed_at
    from cut_offs
    inner join {{ ref('customer_activity_features') }} as customers using (as_of_date)
    inner join {{ ref('appetence_category_features') }} as categories using (as_of_date)
    where customers.is_active
),

category_days as (
    select
        as_of_date,
        customer_id,
        category,
        days_ago,
        sum(net_amount) as net_amount,
        lag(days_ago) over (
            partition by as_of_date, customer_id, category order by days_ago desc
        ) - days_ago as gap_days
    from known_lines
    where category in (select category from {{ ref('appetence_category_features') }})
    group by as_of_date, customer_id, category, days_ago
),

own as (
    select
        as_of_date,
        customer_id,
        category,
        count(*) as day_count,
        min(days_ago) as days_since_last,
        max(days_ago) as days_since_first,
        {% for days in [28, 56, 84, 182] %}
            count(*) filter (where days_ago <= {{ days }}) as day_count_{{ days }}_days,
        {% endfor %}
        coalesce(sum(net_amount) filter (where days_ago <= 84), 0) as net_amount_84_days,
        avg(gap_days) as mean_gap_days,
        percentile_cont(0.5) within group (order by gap_days) as median_gap_days,
        max(gap_days) as longest_gap_days,
        round(sum(power(0.5, days_ago / 28.0)), 6) as decayed_count_28_days,
        round(sum(power(0.5, days_ago / 84.0)), 6) as decayed_count_84_days
    from category_days
    group by as_of_date, customer_id, category
),

final as (
    select
        pairs.as_of_date,
        pairs.customer_id,
        pairs.category,
        coalesce(own.day_count_28_days, 0) > 0 as is_bought_in_28_days,
        own.day_count is not null as is_ever_bought,
        coalesce(own.days_since_last, 366) as days_since_last_category_order,
        own.days_since_first as days_since_first_category_order,
        {% for days in [56, 84, 182] %}
            coalesce(own.day_count_{{ days }}_days, 0) as category_day_count_{{ days }}_days,
        {% endfor %}
        coalesce(own.day_count, 0) * 1.0 / pairs.observed_days as category_day_rate,
        own.mean_gap_days as mean_category_gap_days,
        own.median_gap_days as median_category_gap_days,
        own.longest_gap_days as longest_category_gap_days,
        own.days_since_last / nullif(own.mean_gap_days, 0) as category_silence_ratio,
        own.days_since_last * 1.0 / nullif(own.longest_gap_days, 0)
            as category_silence_to_longest_ratio,
        coalesce(own.day_count, 0) / (pairs.purchase_day_rate * pairs.observed_days)
            as category_day_share,
        coalesce(own.day_count_84_days, 0) * 1.0 / (pairs.purchase_day_count_84_days + 1)
            as category_day_share_84_days,
        coalesce(own.net_amount_84_days, 0) / (pairs.net_amount_84_days + 1)
            as category_amount_share_84_days,
        coalesce(own.decayed_count_28_days, 0) as decayed_category_count_28_days,
        coalesce(own.decayed_count_84_days, 0) as decayed_category_count_84_days,
        -- Bought on this many of 28 coming days if every customer bought like the category's
        -- average until proven otherwise: own count shrunk towards the penetration by sixty days
        -- of prior.
        28 * (coalesce(own.day_count, 0) + 60 * pairs.penetration_28_days / 28)
        / (pairs.observed_days + 60) as expected_category_days_28_days,
        (coalesce(own.day_count, 0) + 10 * pairs.penetration_28_days)
        / (pairs.purchase_day_rate * pairs.observed_days + 10)
        * pairs.purchase_day_count_84_days / 3 as expected_category_days_from_visits,
        pairs.penetration_28_days as category_penetration_28_days,
        pairs.penetration_84_days as category_penetration_84_days,
        pairs.penetration_trend_ratio as category_penetration_trend_ratio,
        pairs.days_since_last_order * 1.0 / coalesce(own.days_since_last, 366)
            as household_to_category_silence_ratio,
        pairs.computed_at
    from pairs
    left join own using (as_of_date, customer_id, category)
)

select * from final
