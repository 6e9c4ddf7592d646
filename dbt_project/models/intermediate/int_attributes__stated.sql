-- Current values of each record, and since when: a system that sends the whole record again because
-- one field changed has not stated the others anew.
{% set attributes = [
    'email', 'phone', 'first_name', 'last_name', 'birth_date', 'address_line', 'postal_code',
    'city', 'country', 'age_band', 'income_band', 'home_ownership', 'marital_status',
    'household_size', 'household_composition', 'children_count', 'company_id', 'registered_at',
] %}

with

versions as (
    select
        *,
        {{ system_key('company_key') }} as company_id
    from {{ ref('int_customers__versioned') }}
),

customers as (
    select
        *,
        {{ system_key('customer_key', 'customer_system') }} as record_id,
        {{ system_key('company_key') }} as company_id
    from {{ ref('int_customers__united') }}
    where not coalesce(is_test, false)
),

changes as (
    select
        source_system,
        source_key,
        {% for column in attributes %}
            case
                when
                    coalesce(cast({{ column }} as varchar), '')
                    <> coalesce(cast(lag({{ column }}) over record_versions as varchar), '')
                    then valid_from
            end as {{ column }}_changed_at,
            case when {{ column }} is not null then valid_from end as {{ column }}_known_at,
        {% endfor %}
        valid_from
    from versions
    window record_versions as (
        partition by source_system, source_key
        order by valid_from, valid_to nulls last, loaded_at
    )
),

since as (
    select
        source_system,
        source_key,
        {% for column in attributes %}
            max({{ column }}_changed_at) as {{ column }}_stated_at,
            min({{ column }}_known_at) as {{ column }}_first_stated_at,
        {% endfor %}
        min(valid_from) as first_seen_at
    from changes
    group by source_system, source_key
),

final as (
    select
        customers.record_id,
        customers.source_system,
        customers.source_key,
        {% for column in attributes %}
            customers.{{ column }},
            since.{{ column }}_stated_at,
            since.{{ column }}_first_stated_at,
        {% endfor %}
        coalesce(customers.has_verified_email, false) as has_verified_email
    from customers
    inner join since
        on
            customers.source_system = since.source_system
            and customers.source_key = since.source_key
)

select * from final
