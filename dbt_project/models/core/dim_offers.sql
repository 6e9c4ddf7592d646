with

coupons as (
    select
        source_system,
        campaign_system,
        coupon_key,
        coupon_system,
        campaign_key,
        product_key,
        known_at
    from {{ ref('int_coupons__united') }}
),

-- The same coupon number is printed for several campaigns: an offer is the pair.
final as (
    select
        {{ system_key("coupon_key || '|' || campaign_key", 'coupon_system') }} as offer_id,
        min(source_system) as source_system,
        coupon_key,
        coupon_system,
        {{ system_key('campaign_key', 'campaign_system') }} as campaign_id,
        count(distinct product_key) as product_count,
        min(known_at) as known_at
    from coupons
    group by coupon_system, coupon_key, campaign_system, campaign_key
)

select * from final
