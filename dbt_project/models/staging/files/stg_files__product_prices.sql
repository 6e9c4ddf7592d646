with

product_prices as (
    select * from {{ source('raw_files', 'product_prices') }}
),

final as (
    select
        product_key,
        valid_from_on,
        price_amount,
        cost_amount,
        currency,
        source_system,
        product_system,
        source_key,
        known_at,
        loaded_at
    from product_prices
    qualify
        not is_deleted
        and row_number() over (
            partition by source_system, source_key
            order by known_at desc, loaded_at desc, content_hash desc
        ) = 1
)

select * from final
