with

mail_returns as (
    select * from {{ source('raw_files', 'mail_returns') }}
),

-- A deletion is a row of its own that repeats the key. Read apart: a CTE that is read twice is
-- written down whole, every column of every row.
deleted as (
    select
        source_system as deleted_system,
        source_key as deleted_key
    from {{ source('raw_files', 'mail_returns') }}
    where is_deleted
    group by source_system, source_key
),

final as (
    select
        mail_return_key,
        customer_key,
        campaign_key,
        reason,
        returned_at,
        source_system,
        customer_system,
        campaign_system,
        source_key,
        known_at,
        loaded_at
    from mail_returns
    left join deleted
        on
            mail_returns.source_system = deleted.deleted_system
            and mail_returns.source_key = deleted.deleted_key
    where deleted.deleted_key is null
)

select * from final
