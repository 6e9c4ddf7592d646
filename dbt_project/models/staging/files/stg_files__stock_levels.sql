with

stock_levels as (
    select * from {{ source('raw_files', 'stock_levels') }}
),

final as (
    select
        product_key,
        store_key,
        stock_on,
        quantity,
        source_system,
        product_system,
        store_system,
        source_key,
        known_at,
        loaded_at
    from stock_levels
    qualify
        not is_deleted
        and row_number() over (
            partition by source_system, source_key
            order by known_at desc, loaded_at desc, content_hash desc
        ) = 1
)

select * from final
