-- A coded system joins here with `union all` and the same columns.
with

from_files as (
    select
        customer_key,
        coupon_key,
        campaign_key,
        redeemed_on,
        source_system,
        customer_system,
        campaign_system,
        coupon_system,
        source_key,
        known_at,
        loaded_at
    from {{ ref('stg_files__redemptions') }}
)

select * from from_files
