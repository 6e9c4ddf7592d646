{% set attributes = [
    'email', 'phone', 'first_name', 'last_name', 'birth_date', 'address_line', 'postal_code',
    'city', 'country', 'age_band', 'income_band', 'home_ownership', 'marital_status',
    'household_size', 'household_composition', 'children_count', 'company_id', 'registered_at',
] %}

with

accounts as (
    select
        {{ system_key('customer_key', 'customer_system') }} as record_id,
        bool_or(coalesce(is_professional, false)) as is_professional,
        max(known_at) as known_at
    from {{ ref('int_customers__united') }}
    group by {{ system_key('customer_key', 'customer_system') }}
),

records as (
    select
        resolved.customer_id,
        resolved.source_system,
        resolved.customer_key,
        resolved.is_founder,
        resolved.first_seen_at,
        accounts.record_id is not null as has_account,
        coalesce(accounts.is_professional, false) as is_professional,
        coalesce(accounts.known_at, guests.known_at, resolved.first_seen_at) as known_at
    from {{ ref('int_identity__resolved') }} as resolved
    left join accounts on resolved.record_id = accounts.record_id
    left join {{ ref('int_identity__guests') }} as guests on resolved.record_id = guests.record_id
),

buyers as (
    select customer_id from {{ ref('fct_orders') }}
    where is_purchase
    group by customer_id
),

subscribers as (
    select customer_id from {{ ref('fct_consents') }}
    where act = 'grant'
    group by customer_id
),

attributes as (
    select
        {% for column in attributes %}
            max(value) filter (where attribute = '{{ column }}') as {{ column }},
        {% endfor %}
        customer_id
    from {{ ref('customer_attributes') }}
    group by customer_id
),

people as (
    select
        customer_id,
        max(source_system) filter (where is_founder) as source_system,
        max(customer_key) filter (where is_founder) as customer_key,
        count(*) as record_count,
        bool_or(has_account) as has_account,
        bool_or(is_professional) as is_professional,
        min(first_seen_at) as first_seen_at,
        max(known_at) as known_at
    from records
    group by customer_id
),

final as (
    select
        people.customer_id,
        people.source_system,
        people.customer_key,
        case
            when buyers.customer_id is not null then 'buyer'
            when subscribers.customer_id is not null then 'subscriber'
            when people.has_account then 'account'
            else 'lead'
        end as relation,
        {% for column in attributes if column not in ('birth_date', 'registered_at') %}
            attributes.{{ column }},
        {% endfor %}
        cast(attributes.birth_date as date) as birth_date,
        households.household_id,
        people.record_count,
        people.is_professional,
        cast(attributes.registered_at as timestamp) as registered_at,
        people.first_seen_at,
        people.known_at
    from people
    left join attributes on people.customer_id = attributes.customer_id
    left join {{ ref('int_households__grouped') }} as households
        on people.customer_id = households.customer_id
    left join buyers on people.customer_id = buyers.customer_id
    left join subscribers on people.customer_id = subscribers.customer_id
)

select * from final
