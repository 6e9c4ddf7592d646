{{ config(materialized='view') }}

with

final as (
    select
        activity.as_of_date,
        activity.customer_id,
        activity.days_since_last_order,
        activity.purchase_day_count_7_days,
        activity.net_amount_7_days,
        activity.purchase_day_count_14_days,
        activity.net_amount_14_days,
        activity.purchase_day_count_28_days,
        activity.net_amount_28_days,
        activity.purchase_day_count_56_days,
        activity.net_amount_56_days,
        activity.purchase_day_count_84_days,
        activity.net_amount_84_days,
        activity.line_count_28_days,
        activity.line_count_84_days,
        activity.observed_days,
        activity.purchase_day_rate,
        activity.net_amount_rate,
        activity.mean_gap_days,
        activity.median_gap_days,
        activity.long_gap_days,
        activity.longest_gap_days,
        activity.gap_deviation_days,
        activity.last_gap_days,
        activity.silence_to_mean_gap_ratio,
        activity.silence_to_median_gap_ratio,
        activity.silence_to_long_gap_ratio,
        activity.silence_to_longest_gap_ratio,
        activity.longer_gap_share,
        activity.silence_lasts_28_days_rate,
        activity.purchase_trend_ratio,
        activity.net_amount_trend_ratio,
        activity.weekly_purchase_slope,
        activity.weekly_net_amount_slope,
        activity.purchase_day_count_week_1,
        activity.purchase_day_count_week_2,
        activity.purchase_day_count_week_3,
        activity.purchase_day_count_week_4,
        activity.purchase_day_count_week_5,
        activity.purchase_day_count_week_6,
        activity.purchase_day_count_week_7,
        activity.purchase_day_count_week_8,
        activity.purchase_day_count_week_9,
        activity.purchase_day_count_week_10,
        activity.purchase_day_count_week_11,
        activity.purchase_day_count_week_12,
        activity.decayed_purchase_count_14_days,
        activity.decayed_purchase_count_42_days,
        activity.decayed_net_amount_42_days,
        activity.is_active,
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
        baskets.store_count_84_days,
        baskets.main_store_share_84_days,
        baskets.private_label_share_84_days,
        baskets.category_count_84_days,
        baskets.category_count_28_days,
        baskets.department_count_84_days,
        baskets.retail_discount_share_84_days,
        baskets.coupon_discount_share_84_days,
        baskets.discounted_line_share_84_days,
        campaigns.campaign_count_84_days,
        campaigns.days_since_last_campaign,
        campaigns.redemption_count_84_days,
        campaigns.days_since_last_redemption,
        campaigns.redemption_rate_84_days,
        {{ local_midnight_utc('activity.as_of_date') }} as cut_off_at,
        least(activity.computed_at, baskets.computed_at, campaigns.computed_at) as computed_at
    from {{ ref('customer_activity_features') }} as activity
    inner join {{ ref('customer_basket_features') }} as baskets
        on
            activity.as_of_date = baskets.as_of_date
            and activity.customer_id = baskets.customer_id
    inner join {{ ref('customer_campaign_features') }} as campaigns
        on
            activity.as_of_date = campaigns.as_of_date
            and activity.customer_id = campaigns.customer_id
)

select * from final
