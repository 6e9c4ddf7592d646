with

coupons as (
    select
        source_system,
        coupon_key,
        campaign_key,
        product_key,
        known_at
    from {{ ref('int_coupons__united') }}
),

-- The same coupon number is printed for several campaigns: an offer is the pair.
final as (
    select
        {{ system_key("coupon_key || '|' || campaign_key") }} as offer_id,
        source_system,
        coupon_key,
        {{ system_key('campaign_key') }} as campaign_id,
        count(distinct product_key) as product_count,
        min(known_at) as known_at
    from coupons
    group by source_system, coupon_key, campaign_key
)

select * from final
