with

coupon_rules as (
    select * from {{ source('raw_files', 'coupon_rules') }}
),

final as (
    select
        coupon_key,
        campaign_key,
        store_key,
        channel,
        discount_kind,
        discount_value,
        valid_from_on,
        valid_until_on,
        source_system,
        store_system,
        campaign_system,
        coupon_system,
        source_key,
        known_at,
        loaded_at
    from coupon_rules
    qualify
        not is_deleted
        and row_number() over (
            partition by source_system, source_key
            order by known_at desc, loaded_at desc, content_hash desc
        ) = 1
)

select * from final
