{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='as_of_date'
) }}

with

cut_offs as ({{ wanted_cut_offs() }}),

customers as (
    select
        cut_offs.as_of_date,
        cut_offs.computed_at,
        order_lines.customer_id
    from cut_offs
    inner join {{ ref('fct_order_lines') }} as order_lines
        on
            cut_offs.as_of_date > order_lines.ordered_on
            and order_lines.ordered_on >= {{ days_before('cut_offs.as_of_date', 365) }}
            and cut_offs.cut_off_at > order_lines.known_at
    where
        order_lines.line_kind = 'sale'
        and order_lines.customer_id is not null
    group by cut_offs.as_of_date, cut_offs.computed_at, order_lines.customer_id
),

contacts as (
    select
        cut_offs.as_of_date,
        interactions.customer_id,
        count(distinct interactions.campaign_id) as campaign_count_84_days,
        min(
            {{ day_difference(business_date('interactions.interacted_at'), 'cut_offs.as_of_date') }}
        ) as days_since_last_campaign
    from cut_offs
    inner join {{ ref('fct_interactions') }} as interactions
        on
            cut_offs.cut_off_at > interactions.interacted_at
            and interactions.interacted_at >= cut_offs.cut_off_at - interval 84 day
            and cut_offs.cut_off_at > interactions.known_at
    where interactions.direction = 'outbound'
    group by cut_offs.as_of_date, interactions.customer_id
),

redemptions as (
    select
        cut_offs.as_of_date,
        redeemed.customer_id,
        count(*) as redemption_count_84_days,
        min({{ day_difference('redeemed.redeemed_on', 'cut_offs.as_of_date') }})
            as days_since_last_redemption
    from cut_offs
    inner join {{ ref('fct_redemptions') }} as redeemed
        on
            cut_offs.as_of_date > redeemed.redeemed_on
            and redeemed.redeemed_on >= {{ days_before('cut_offs.as_of_date', 84) }}
            and cut_offs.cut_off_at > redeemed.known_at
    group by cut_offs.as_of_date, redeemed.customer_id
),

-- A company without campaigns or coupons has no zero here: what is not connected is null.
connected as (
    select
        {{ is_connected('campaign_contacts') }} as has_campaigns,
        {{ is_connected('redemptions') }} as has_redemptions
),

final as (
    select
        customers.as_of_date,
        customers.customer_id,
        case when connected.has_campaigns then coalesce(contacts.campaign_count_84_days, 0) end
            as campaign_count_84_days,
        case when connected.has_campaigns then coalesce(contacts.days_since_last_campaign, 85) end
            as days_since_last_campaign,
        case
            when connected.has_redemptions then coalesce(redemptions.redemption_count_84_days, 0)
        end as redemption_count_84_days,
        case
            when connected.has_redemptions
                then coalesce(redemptions.days_since_last_redemption, 85)
        end as days_since_last_redemption,
        case
            when connected.has_redemptions and connected.has_campaigns
                then
                    coalesce(redemptions.redemption_count_84_days, 0) * 1.0
                    / (coalesce(contacts.campaign_count_84_days, 0) + 1)
        end as redemption_rate_84_days,
        customers.computed_at
    from customers
    cross join connected
    left join contacts using (as_of_date, customer_id)
    left join redemptions using (as_of_date, customer_id)
)

select * from final
