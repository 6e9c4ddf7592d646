{{ config(materialized='view') }}

with

activity as (select * from {{ ref('customer_activity_features') }}),

baskets as (select * from {{ ref('customer_basket_features') }}),

campaigns as (select * from {{ ref('customer_campaign_features') }}),

final as (
    select
        activity.* exclude (computed_at),
        {{ local_midnight_utc('activity.as_of_date') }} as cut_off_at,
        baskets.* exclude (as_of_date, customer_id, computed_at),
        campaigns.* exclude (as_of_date, customer_id, computed_at),
        least(activity.computed_at, baskets.computed_at, campaigns.computed_at) as computed_at
    from activity
    inner join baskets using (as_of_date, customer_id)
    inner join campaigns using (as_of_date, customer_id)
)

select * from final
