with

content_views as (
    select * from {{ source('raw_files', 'content_views') }}
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
        source_key,
        known_at,
        loaded_at
    from content_views
)

select * from final
