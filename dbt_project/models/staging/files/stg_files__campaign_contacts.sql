with

campaign_contacts as (
    select * from {{ source('raw_files', 'campaign_contacts') }}
),

final as (
    select
        campaign_key,
        customer_key,
        channel,
        contacted_at,
        source_system,
        source_key,
        known_at,
        loaded_at
    from campaign_contacts
)

select * from final
