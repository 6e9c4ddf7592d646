with

consent_entries as (
    select * from {{ source('raw_state', 'consent_entries') }}
),

final as (
    select
        entry_id,
        customer_key,
        source_system,
        address_hash,
        channel,
        purpose,
        act,
        source,
        occurred_at,
        known_at,
        recorded_at
    from consent_entries
)

select * from final
