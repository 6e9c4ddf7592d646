-- A coded system joins here with `union all` and the same columns.
with

from_files as (
    select
        product_key,
        store_key,
        week_number,
        display_location,
        mailer_location,
        source_system,
        product_system,
        store_system,
        source_key,
        known_at,
        loaded_at
    from {{ ref('stg_files__promotions') }}
)

select * from from_files
