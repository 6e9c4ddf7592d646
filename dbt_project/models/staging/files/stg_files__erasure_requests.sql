with

erasure_requests as (
    select * from {{ source('raw_files', 'erasure_requests') }}
),

-- A deletion is a row of its own that repeats the key. Read apart: a CTE that is read twice is
-- written down whole, every column of every row.
deleted as (
    select
        source_system as deleted_system,
        source_key as deleted_key
    from {{ source('raw_files', 'erasure_requests') }}
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
    left join deleted
        on
            erasure_requests.source_system = deleted.deleted_system
            and erasure_requests.source_key = deleted.deleted_key
    where deleted.deleted_key is null
)

select * from final
