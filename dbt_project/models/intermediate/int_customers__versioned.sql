-- A coded system joins here with `union all` and the same columns.
with

from_files as (
    select
        {{ system_key('customer_key', 'customer_system') }} as record_id,
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
        valid_from,
        valid_to,
        loaded_at
    from {{ ref('stg_files__customer_versions') }}
)

select * from from_files
