with

stores as (
    select * from {{ source('raw_files', 'stores') }}
),

final as (
    select
        store_key,
        store_name,
        address_line,
        postal_code,
        city,
        country,
        opened_on,
        source_system,
        store_system,
        source_key,
        known_at,
        loaded_at
    from stores
    qualify
        not is_deleted
        and row_number() over (
            partition by source_system, source_key
            order by known_at desc, loaded_at desc, content_hash desc
        ) = 1
)

select * from final
