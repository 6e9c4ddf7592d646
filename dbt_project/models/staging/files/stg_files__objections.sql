with

objections as (
    select * from {{ source('raw_files', 'objections') }}
),

final as (
    select
        objection_key,
        customer_key,
        address,
        channel,
        purpose,
        objected_at,
        source_system,
        source_key,
        known_at,
        loaded_at
    from objections
)

select * from final
