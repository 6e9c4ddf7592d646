with

redemptions as (
    select * from {{ source('raw_files', 'redemptions') }}
),

-- A deletion is a row of its own that repeats the key.
deleted as (
    select
        source_system,
        source_key
    from redemptions
    where is_deleted
    group by source_system, source_key
),

final as (
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
    from redemptions
    where not exists (
        select 1
        from deleted
        where
            deleted.source_system = redemptions.source_system
            and deleted.source_key = redemptions.source_key
    )
)

select * from final
