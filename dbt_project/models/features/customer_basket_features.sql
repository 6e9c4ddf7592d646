{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='as_of_date'
) }}

with

cut_offs as ({{ wanted_cut_offs() }}),

known_lines as ({{ known_order_lines('cut_offs', with_products=false) }}),

lines_with_products as ({{ known_order_lines('cut_offs') }}),

orders as (
    select
        as_of_date,
        customer_id,
        order_id,
        min(days_ago) as days_ago,
        min(ordered_on) as ordered_on,
        min(store_id) as store_id,
        min(ordered_at) as ordered_at,
        sum(net_amount) as net_amount,
        count(*) as line_count,
        max(case when coupon_discount_amount > 0 then 1.0 else 0.0 end) as has_coupon
    from known_lines
    group by as_of_date, customer_id, order_id
),

baskets as (
    select
        as_of_date,
        customer_id,
        avg(net_amount) filter (where days_ago <= 84) as mean_order_amount_84_days,
        avg(line_count) filter (where days_ago <= 84) as mean_line_count_84_days,
        avg(net_amount) filter (where days_ago <= 28) / nullif(avg(net_amount), 0)
            as order_amount_trend_ratio,
        max_by(net_amount, cast(ordered_at as varchar) || order_id) as last_order_amount,
        max_by(line_count, cast(ordered_at as varchar) || order_id) as last_line_count,
        max_by(net_amount, cast(ordered_at as varchar) || order_id) / nullif(avg(net_amount), 0)
            as last_order_amount_ratio,
        avg(case when {{ iso_weekday('ordered_on') }} >= 6 then 1.0 else 0.0 end) as weekend_share,
        avg(case when {{ local_hour('ordered_at') }} >= 17 then 1.0 else 0.0 end) as evening_share,
        avg(case when {{ local_hour('ordered_at') }} < 12 then 1.0 else 0.0 end) as morning_share,
        avg(has_coupon) filter (where days_ago <= 84) as coupon_order_share_84_days
    from orders
    group by as_of_date, customer_id
),

stores as (
    select
        as_of_date,
        customer_id,
        count(*) as store_count_84_days,
        max(order_count) * 1.0 / sum(order_count) as main_store_share_84_days
    from (
        select
            as_of_date,
            customer_id,
            store_id,
            count(*) as order_count
        from orders
        where days_ago <= 84
        group by as_of_date, customer_id, store_id
    ) as visits
    group by as_of_date, customer_id
),

mixes as (
    select
        as_of_date,
        customer_id,
        sum(net_amount) filter (where is_private_label)
        / nullif(sum(net_amount), 0) as private_label_share_84_days,
        count(distinct category) as category_count_84_days,
        count(distinct category) filter (where days_ago <= 28) as category_count_28_days,
        count(distinct department) as department_count_84_days,
        sum(retail_discount_amount)
        / nullif(sum(net_amount + retail_discount_amount), 0) as retail_discount_share_84_days,
        sum(coupon_discount_amount)
        / nullif(sum(net_amount + coupon_discount_amount), 0) as coupon_discount_share_84_days,
        avg(case when retail_discount_amount > 0 then 1.0 else 0.0 end)
            as discounted_line_share_84_days
    from lines_with_products
    where days_ago <= 84
    group by as_of_date, customer_id
),

final as (
    select
        baskets.as_of_date,
        baskets.customer_id,
        baskets.mean_order_amount_84_days,
        baskets.mean_line_count_84_days,
        baskets.order_amount_trend_ratio,
        baskets.last_order_amount,
        baskets.last_line_count,
        baskets.last_order_amount_ratio,
        baskets.weekend_share,
        baskets.evening_share,
        baskets.morning_share,
        baskets.coupon_order_share_84_days,
        stores.store_count_84_days,
        stores.main_store_share_84_days,
        mixes.private_label_share_84_days,
        mixes.category_count_84_days,
        mixes.category_count_28_days,
        mixes.department_count_84_days,
        mixes.retail_discount_share_84_days,
        mixes.coupon_discount_share_84_days,
        mixes.discounted_line_share_84_days,
        cut_offs.computed_at
    from baskets
    inner join cut_offs using (as_of_date)
    left join stores using (as_of_date, customer_id)
    left join mixes using (as_of_date, customer_id)
)

select * from final
