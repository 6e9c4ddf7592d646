-- A coded system joins here with `union all` and the same columns.
with

from_files as (
    select
        coupon_key,
        campaign_key,
        product_key,
        source_system,
        product_system,
        campaign_system,
        coupon_system,
        source_key,
        known_at,
        loaded_at
    from {{ ref('stg_files__coupons') }}
)

select * from from_files
