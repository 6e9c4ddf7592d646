with

erasure_requests as (
    select * from {{ source('raw_files', 'erasure_requests') }}
),

-- A deletion is a row of its own that repeats the key.
deleted as (
    select
        source_system,
        source_key
    from erasure_requests
    where is_deleted
    group by source_system, source_key
),

final as (
    select
        erasure_request_key,
        customer_key,
        email,
        door,
        requested_at,
        source_system,
        customer_system,
        source_key,
        known_at,
        loaded_at
    from erasure_requests
    where not exists (
        select 1
        from deleted
        where
            deleted.source_system = erasure_requests.source_system
            and deleted.source_key = erasure_requests.source_key
    )
)

select * from final
