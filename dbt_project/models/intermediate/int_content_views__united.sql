-- A coded system joins here with `union all` and the same columns.
with

from_files as (
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
    from {{ ref('stg_files__content_views') }}
)

select * from from_files
