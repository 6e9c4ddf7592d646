with

customers as (
    select * from {{ source('raw_files', 'customers') }}
),

final as (
    select
        customer_key,
        email,
        phone,
        first_name,
        last_name,
        birth_date,
        address_line,
        postal_code,
        city,
        country,
        age_band,
        income_band,
        home_ownership,
        marital_status,
        household_size,
        household_composition,
        children_count,
        registered_at,
        source_system,
        source_key,
        known_at,
        known_at as valid_from,
        lead(known_at) over (
            partition by source_system, source_key
            order by known_at, loaded_at, content_hash
        ) as valid_to,
        loaded_at
    from customers
)

select * from final
