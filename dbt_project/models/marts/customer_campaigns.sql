with

interactions as (
    select
        customer_id,
        campaign_id
    from {{ ref('fct_interactions') }}
    where
        direction = 'outbound'
        and customer_id is not null
        and campaign_id is not null
        and {{ business_date('interacted_at') }} <= {{ as_of_date() }}
    group by customer_id, campaign_id
),

redemptions as (
    select
        customer_id,
        campaign_id,
        count(*) as redemption_count,
        min(redeemed_on) as first_redeemed_on
    from {{ ref('fct_redemptions') }}
    where redeemed_on <= {{ as_of_date() }}
    group by customer_id, campaign_id
),

campaigns as (
    select
        campaign_id,
        campaign_name,
        campaign_type,
        starts_on,
        ends_on
    from {{ ref('dim_campaigns') }}
),

-- Coupons travel: some are used by people whom the campaign did not address.
reached as (
    select
        coalesce(interactions.customer_id, redemptions.customer_id) as customer_id,
        coalesce(interactions.campaign_id, redemptions.campaign_id) as campaign_id,
        interactions.customer_id is not null as is_contacted,
        coalesce(redemptions.redemption_count, 0) as redemption_count,
        redemptions.first_redeemed_on
    from interactions
    full outer join redemptions
        on
            interactions.customer_id = redemptions.customer_id
            and interactions.campaign_id = redemptions.campaign_id
),

final as (
    select
        reached.customer_id,
        reached.campaign_id,
        campaigns.campaign_name,
        campaigns.campaign_type,
        campaigns.starts_on,
        campaigns.ends_on,
        reached.is_contacted,
        reached.redemption_count,
        reached.first_redeemed_on
    from reached
    left join campaigns on reached.campaign_id = campaigns.campaign_id
)

select * from final
