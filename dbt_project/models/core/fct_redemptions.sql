with

redemptions as (
    select
        *,
        {{ system_key('customer_key', 'customer_system') }} as record_id
    from {{ ref('int_redemptions__united') }}
),

resolved as (
    select
        record_id,
        customer_id
    from {{ ref('int_identity__resolved') }}
),

final as (
    select
        {{ system_key('redemptions.source_key', 'redemptions.source_system') }} as redemption_id,
        resolved.customer_id,
        {{ system_key(
            "redemptions.coupon_key || '|' || redemptions.campaign_key", 'redemptions.coupon_system'
        ) }} as offer_id,
        {{ system_key('redemptions.campaign_key', 'redemptions.campaign_system') }} as campaign_id,
        redemptions.redeemed_on,
        redemptions.known_at,
        redemptions.loaded_at
    from redemptions
    inner join resolved on redemptions.record_id = resolved.record_id
)

select * from final
