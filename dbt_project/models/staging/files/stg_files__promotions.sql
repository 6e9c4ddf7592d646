with

promotions as (
    select * from {{ source('raw_files', 'promotions') }}
),

final as (
    select
        product_key,
        store_key,
        week_number,
        display_location,
        mailer_location,
        source_system,
        source_key,
        known_at,
        loaded_at
    from promotions
)

select * from final
