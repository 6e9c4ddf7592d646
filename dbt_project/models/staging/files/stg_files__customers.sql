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
        loyalty_card_key,
        has_verified_email,
        is_professional,
        company_key,
        is_test,
        registered_at,
        source_system,
        customer_system,
        source_key,
        known_at,
        loaded_at
    from customers
    qualify
        not is_deleted
        and row_number() over (
            partition by source_system, source_key
            order by known_at desc, loaded_at desc, content_hash desc
        ) = 1
)

select * from final
