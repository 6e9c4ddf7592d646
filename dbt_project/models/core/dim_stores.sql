with

stores as (
    select
        {{ system_key('store_key', 'store_system') }} as store_id,
        store_system,
        store_key,
        store_name,
        postal_code,
        city,
        country,
        opened_on,
        known_at
    from {{ ref('stg_files__stores') }}
),

mentioned as (
    {% for model in ['int_order_lines__united', 'int_orders__united'] %}
        select
            {{ system_key('store_key', 'store_system') }} as store_id,
            store_system,
            store_key,
            min(known_at) as known_at
        from {{ ref(model) }}
        where store_key is not null
        group by store_system, store_key
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

inferred as (
    select
        mentioned.store_id,
        mentioned.store_system,
        mentioned.store_key,
        min(mentioned.known_at) as known_at
    from mentioned
    left join stores on mentioned.store_id = stores.store_id
    where stores.store_id is null
    group by mentioned.store_id, mentioned.store_system, mentioned.store_key
),

final as (
    select
        store_id,
        store_system as source_system,
        store_key,
        store_name,
        postal_code,
        city,
        country,
        opened_on,
        false as is_inferred,
        known_at
    from stores
    union all
    select
        store_id,
        store_system as source_system,
        store_key,
        null as store_name,
        null as postal_code,
        null as city,
        null as country,
        null as opened_on,
        true as is_inferred,
        known_at
    from inferred
)

select * from final
