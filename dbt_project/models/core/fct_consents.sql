with

consent_entries as (
    select
        *,
        {{ system_key('customer_key') }} as record_id
    from {{ ref('stg_state__consent_entries') }}
),

resolved as (
    select
        record_id,
        customer_id
    from {{ ref('int_identity__resolved') }}
),

final as (
    select
        consent_entries.entry_id,
        resolved.customer_id,
        consent_entries.address_hash,
        consent_entries.channel,
        consent_entries.purpose,
        consent_entries.act,
        consent_entries.source,
        consent_entries.occurred_at,
        consent_entries.known_at,
        consent_entries.recorded_at
    from consent_entries
    left join resolved on consent_entries.record_id = resolved.record_id
)

select * from final
