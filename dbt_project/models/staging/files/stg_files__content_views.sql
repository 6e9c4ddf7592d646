with

content_views as (
    select * from {{ source('raw_files', 'content_views') }}
),

-- A deletion is a row of its own that repeats the key.
deleted as (
    select
        source_system,
        source_key
    from content_views
    where is_deleted
    group by source_system, source_key
),

final as (
    select
        view_key,
        customer_key,
        content_key,
        content_kind,
        topic,
        viewed_at,
        source_system,
        customer_system,
        source_key,
        known_at,
        loaded_at
    from content_views
    where not exists (
        select 1
        from deleted
        where
            deleted.source_system = content_views.source_system
            and deleted.source_key = content_views.source_key
    )
)

select * from final
