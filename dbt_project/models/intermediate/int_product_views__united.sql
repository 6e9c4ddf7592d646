-- A coded system joins here with `union all` and the same columns.
with

from_files as (
    select
        view_key,
        customer_key,
        cast(null as varchar) as device_id,
        product_key,
        viewed_at,
        source_system,
        customer_system,
        product_system,
        source_key,
        known_at,
        loaded_at
    from {{ ref('stg_files__product_views') }}
),

from_web_events as (
    select
        web_event_key as view_key,
        customer_key,
        device_id,
        product_key,
        occurred_at as viewed_at,
        source_system,
        customer_system,
        product_system,
        source_key,
        known_at,
        loaded_at
    from {{ ref('int_web_events__cleaned') }}
    where event_type = 'product_view' and product_key is not null and not is_machine
)

select * from from_files
union all
select * from from_web_events
