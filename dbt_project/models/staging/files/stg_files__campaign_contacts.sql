with

campaign_contacts as (
    select * from {{ source('raw_files', 'campaign_contacts') }}
),

-- A deletion is a row of its own that repeats the key.
deleted as (
    select
        source_system,
        source_key
    from campaign_contacts
    where is_deleted
    group by source_system, source_key
),

final as (
    select
        campaign_key,
        customer_key,
        channel,
        contacted_at,
        source_system,
        customer_system,
        campaign_system,
        source_key,
        known_at,
        loaded_at
    from campaign_contacts
    where not exists (
        select 1
        from deleted
        where
            deleted.source_system = campaign_contacts.source_system
            and deleted.source_key = campaign_contacts.source_key
    )
)

select * from final
