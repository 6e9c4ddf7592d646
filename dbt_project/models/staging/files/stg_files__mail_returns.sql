with

mail_returns as (
    select * from {{ source('raw_files', 'mail_returns') }}
),

-- A deletion is a row of its own that repeats the key.
deleted as (
    select
        source_system,
        source_key
    from mail_returns
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
    where not exists (
        select 1
        from deleted
        where
            deleted.source_system = mail_returns.source_system
            and deleted.source_key = mail_returns.source_key
    )
)

select * from final
