-- A coded system joins here with `union all` and the same columns.
with

from_files as (
    select
        objection_key,
        customer_key,
        address,
        channel,
        purpose,
        objected_at,
        source_system,
        customer_system,
        source_key,
        known_at,
        loaded_at
    from {{ ref('stg_files__objections') }}
)

select * from from_files
