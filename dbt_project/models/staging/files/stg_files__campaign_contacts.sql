with

campaign_contacts as (
    select * from {{ source('raw_files', 'campaign_contacts') }}
),

-- A deletion is a row of its own that repeats the key. Read apart: a CTE that is read twice is
-- written down whole, every column of every row.
deleted as (
    select
        source_system as deleted_system,
        source_key as deleted_key
    from {{ source('raw_files', 'campaign_contacts') }}
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
    left join deleted
        on
            campaign_contacts.source_system = deleted.deleted_system
            and campaign_contacts.source_key = deleted.deleted_key
    where deleted.deleted_key is null
)

select * from final
