with

addresses as (
    select * from {{ source('raw_files', 'addresses') }}
),

final as (
    select
        address_key,
        customer_key,
        address_line,
        postal_code,
        city,
        country,
        is_verified,
        source_system,
        customer_system,
        source_key,
        known_at,
        loaded_at
    from addresses
    qualify
        not is_deleted
        and row_number() over (
            partition by source_system, source_key
            order by known_at desc, loaded_at desc, content_hash desc
        ) = 1
)

select * from final
