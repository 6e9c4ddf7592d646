-- A coded system joins here with `union all` and the same columns.
with

from_files as (
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
    from {{ ref('stg_files__campaign_contacts') }}
)

select * from from_files
