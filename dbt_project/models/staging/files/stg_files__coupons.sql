with

coupons as (
    select * from {{ source('raw_files', 'coupons') }}
),

final as (
    select
        coupon_key,
        campaign_key,
        product_key,
        source_system,
        source_key,
        known_at,
        loaded_at
    from coupons
)

select * from final
