with

address_hashes as (
    select * from {{ source('raw_state', 'address_hashes') }}
),

final as (
    select
        source_system,
        customer_key,
        address_hash
    from address_hashes
)

select * from final
