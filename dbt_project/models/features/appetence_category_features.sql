{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='as_of_date'
) }}

with

cut_offs as ({{ wanted_cut_offs() }}),

known_lines as ({{ known_order_lines('cut_offs') }}),

active_counts as (
    select
        as_of_date,
        count(*) filter (where days_since_last_order <= 28) as buyer_count_28_days,
        count(*) filter (where days_since_last_order <= 56) as buyer_count_56_days
    from {{ ref('customer_activity_features') }}
    group by as_of_date
),

buyers as (
    select
        as_of_date,
        category,
        customer_id,
        min(days_ago) as days_since_last,
        max(case when days_ago > 28 and days_ago <= 56 then 1 else 0 end) as is_previous_buyer,
        sum(net_amount) as net_amount
    from known_lines
    where category is not null
    group by as_of_date, category, customer_id
),

categories as (
    select
        as_of_date,
        category,
        sum(net_amount) as net_amount,
        count(*) filter (where days_since_last <= 28) as buyer_count_28_days,
        sum(is_previous_buyer) as buyer_count_previous_28_days,
        count(*) filter (where days_since_last <= 84) as buyer_count_84_days
    from buyers
    group by as_of_date, category
),

-- The company's list when it names categories that are sold here; else the rule: the 25 best
-- sellers that between 3 % and 40 % of the month's customers buy.
candidates as (
    select
        categories.as_of_date,
        categories.category,
        categories.net_amount,
        categories.buyer_count_28_days,
        categories.buyer_count_previous_28_days,
        categories.buyer_count_84_days,
        listed.category is not null as is_listed,
        max(case when listed.category is not null then 1 else 0 end)
            over (partition by categories.as_of_date) as has_listed,
        categories.buyer_count_28_days * 1.0 / nullif(active_counts.buyer_count_28_days, 0)
            as penetration_28_days,
        active_counts.buyer_count_56_days
    from categories
    inner join active_counts on categories.as_of_date = active_counts.as_of_date
    left join {{ ref('appetence_categories') }} as listed on categories.category = listed.category
),

final as (
    select
        candidates.as_of_date,
        candidates.category,
        coalesce(candidates.penetration_28_days, 0) as penetration_28_days,
        candidates.buyer_count_84_days * 1.0 / nullif(candidates.buyer_count_56_days, 0)
            as penetration_84_days,
        (candidates.buyer_count_28_days + 1.0) / (candidates.buyer_count_previous_28_days + 1.0)
            as penetration_trend_ratio,
        cut_offs.computed_at
    from candidates
    inner join cut_offs on candidates.as_of_date = cut_offs.as_of_date
    where
        (candidates.has_listed = 1 and candidates.is_listed)
        or (candidates.has_listed = 0 and candidates.penetration_28_days between 0.03 and 0.40)
    qualify
        candidates.has_listed = 1
        or row_number() over (
            partition by candidates.as_of_date
            order by candidates.net_amount desc, candidates.category asc
        ) <= 25
)

select * from final
