-- Twenty million rows here: a copy without joins, windows or keys, made once per load.
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='loaded_at',
    on_schema_change='fail',
) }}

with

promotions as (
    select
        source_system,
        product_key,
        store_key,
        week_number,
        display_location,
        mailer_location,
        known_at,
        loaded_at
    from {{ ref('int_promotions__united') }}
    {% if is_incremental() %}
        where loaded_at in (
            select loads.loaded_at from {{ new_loads(ref('int_promotions__united')) }} as loads
        )
    {% endif %}
),

final as (
    select
        {{ system_key('product_key') }} as product_id,
        {{ system_key('store_key') }} as store_id,
        week_number,
        display_location <> '0' as is_displayed,
        mailer_location <> '0' as is_in_mailer,
        known_at,
        loaded_at
    from promotions
)

select * from final
