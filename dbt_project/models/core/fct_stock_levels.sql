with

levels as (select * from {{ ref('stg_files__stock_levels') }}),

final as (
    select
        {{ system_key('levels.source_key', 'levels.source_system') }} as stock_level_id,
        {{ system_key('levels.product_key', 'levels.product_system') }} as product_id,
        {{ system_key('levels.store_key', 'levels.store_system') }} as store_id,
        levels.quantity,
        coalesce(levels.quantity <= 0, false) as is_out_of_stock,
        levels.stock_on,
        levels.known_at,
        levels.loaded_at
    from levels
)

select * from final
