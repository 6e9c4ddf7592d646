with

coupons as (
    select * from {{ source('raw_files', 'coupons') }}
),

-- A deletion is a row of its own that repeats the key. Read apart: a CTE that is read twice is
-- written down whole, every column of every row.
deleted as (
    select
        source_system as deleted_system,
        source_key as deleted_key
    from {{ source('raw_files', 'coupons') }}
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
    left join deleted
        on
            coupons.source_system = deleted.deleted_system
            and coupons.source_key = deleted.deleted_key
    where deleted.deleted_key is null
)

select * from final
