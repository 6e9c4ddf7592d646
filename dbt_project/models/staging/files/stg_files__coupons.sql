with

coupons as (
    select * from {{ source('raw_files', 'coupons') }}
),

-- A deletion is a row of its own that repeats the key.
deleted as (
    select
        source_system,
        source_key
    from coupons
    where is_deleted
    group by source_system, source_key
),

final as (
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
    from coupons
    where not exists (
        select 1
        from deleted
        where
            deleted.source_system = coupons.source_system
            and deleted.source_key = coupons.source_key
    )
)

select * from final
