with

quotes as (
    select * from {{ source('raw_files', 'quotes') }}
),

final as (
    select
        quote_key,
        lead_key,
        customer_key,
        status,
        total_amount,
        currency,
        quoted_at,
        source_system,
        customer_system,
        source_key,
        known_at,
        loaded_at
    from quotes
    qualify
        not is_deleted
        and row_number() over (
            partition by source_system, source_key
            order by known_at desc, loaded_at desc, content_hash desc
        ) = 1
)

select * from final
