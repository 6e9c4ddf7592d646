-- noqa: disable=LT09
-- Everything that any system says about a person, wherever it was said. The parts of an address
-- survive together: the street of one and the city of another is nowhere.
{% set attributes = [
    'email', 'phone', 'first_name', 'last_name', 'birth_date', 'country', 'age_band',
    'income_band', 'home_ownership', 'marital_status', 'household_size', 'household_composition',
    'children_count', 'company_id', 'registered_at',
] %}
{% set address_parts = ['address_line', 'postal_code', 'city'] %}

with

stated as (select * from {{ ref('int_attributes__stated') }}),

addresses as (
    select
        *,
        {{ system_key('customer_key', 'customer_system') }} as record_id,
        case when coalesce(is_verified, false) then 'checkout' else 'addresses' end as claim
    from {{ ref('stg_files__addresses') }}
    where address_line is not null or postal_code is not null
),

orders as (
    select
        {{ system_key(
            'coalesce(customer_key, ' ~ guest_key('email') ~ ')', 'customer_system'
        ) }} as record_id,
        source_system,
        {{ normalised_email('email') }} as email,
        ordered_at
    from {{ ref('int_orders__united') }}
    where coalesce(status, 'completed') = 'completed'
),

guests as (select * from {{ ref('int_identity__guests') }}),

contacts as (
    select
        {{ system_key('customer_key', 'customer_system') }} as record_id,
        source_system,
        {{ normalised_email('email') }} as email,
        {{ normalised_phone('phone') }} as phone,
        occurred_at
    from {{ ref('stg_files__interactions') }}
    where customer_key is not null and direction = 'inbound'
),

final as (
    {% for column in attributes %}
        select
            record_id, source_system, 'customers' as claim, '{{ column }}' as attribute,
            cast({{ column }} as varchar) as value, has_verified_email as is_link_followed,
            {{ column }}_stated_at as stated_at, {{ column }}_first_stated_at as first_stated_at
        from stated
        where {{ column }} is not null
        union all
    {% endfor %}
    -- A part that the address lacks is stated, too: as missing.
    {% for column in address_parts %}
        select
            record_id, source_system, 'customers' as claim, '{{ column }}' as attribute,
            {{ column }} as value, false as is_link_followed,
            greatest(address_line_stated_at, postal_code_stated_at, city_stated_at) as stated_at,
            coalesce({{ column }}_first_stated_at, address_line_first_stated_at)
                as first_stated_at
        from stated
        where address_line is not null or postal_code is not null
        union all
    {% endfor %}
    {% for column in address_parts + ['country'] %}
        select
            record_id, source_system, claim, '{{ column }}' as attribute,
            {{ column }} as value, false as is_link_followed,
            known_at as stated_at, known_at as first_stated_at
        from addresses
        {% if column not in address_parts %}where {{ column }} is not null{% endif %}
        union all
    {% endfor %}
    {% for column in ['email', 'phone'] %}
        select
            record_id, source_system, 'interactions' as claim, '{{ column }}' as attribute,
            {{ column }} as value, false as is_link_followed,
            max(occurred_at) as stated_at, min(occurred_at) as first_stated_at
        from contacts
        where {{ column }} is not null
        group by record_id, source_system, {{ column }}
        union all
    {% endfor %}
    select
        record_id, source_system, 'preferences' as claim, attribute,
        value, false as is_link_followed, stated_at, first_stated_at
    from {{ ref('int_attributes__corrected') }}
    union all
    select
        record_id, customer_system as source_system, 'forms' as claim, 'email' as attribute,
        email as value, false as is_link_followed, first_seen_at as stated_at,
        first_seen_at as first_stated_at
    from guests
    union all
    -- A number written for dialling from abroad says its country.
    select
        record_id, source_system, 'phone_prefix' as claim, 'country' as attribute,
        {{ country_of_number('phone') }} as value, false as is_link_followed,
        phone_stated_at as stated_at, phone_first_stated_at as first_stated_at
    from stated
    where {{ country_of_number('phone') }} is not null
    union all
    select
        record_id, source_system, 'checkout' as claim, 'email' as attribute,
        email as value, false as is_link_followed,
        max(ordered_at) as stated_at, min(ordered_at) as first_stated_at
    from orders
    where record_id is not null and email is not null
    group by record_id, source_system, email
)

select * from final
