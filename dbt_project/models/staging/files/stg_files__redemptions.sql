with

redemptions as (
    select * from {{ source('raw_files', 'redemptions') }}
),

final as (
    select
        customer_key,
        coupon_key,
        campaign_key,
        redeemed_on,
        source_system,
        source_key,
        known_at,
        loaded_at
    from redemptions
)

select * from final
