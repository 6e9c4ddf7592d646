-- A coded system joins here with `union all` and the same columns.
with

from_files as (
    select
        campaign_key,
        campaign_name,
        campaign_type,
        starts_on,
        ends_on,
        source_system,
        campaign_system,
        source_key,
        known_at,
        loaded_at
    from {{ ref('stg_files__campaigns') }}
)

select * from from_files
