{% set declared_columns = [
    'phone', 'first_name', 'last_name', 'birth_date', 'address_line', 'postal_code', 'city',
    'country', 'age_band', 'income_band', 'home_ownership', 'marital_status', 'household_size',
    'household_composition', 'children_count', 'company_id', 'registered_at',
] %}

with

resolved as (
    select
        record_id,
        source_system,
        customer_key,
        customer_id,
        is_founder,
        first_seen_at
    from {{ ref('int_identity__resolved') }}
),

customers as (
    select
        *,
        {{ system_key('customer_key', 'customer_system') }} as record_id,
        {{ system_key('company_key') }} as company_id
    from {{ ref('int_customers__united') }}
),

guests as (
    select
        record_id,
        email,
        known_at
    from {{ ref('int_identity__guests') }}
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

stated as (
    select
        resolved.*,
        customers.record_id is not null as has_account,
        coalesce(customers.is_professional, false) as is_professional,
        coalesce(customers.email, guests.email) as email,
        {% for column in declared_columns %}
            customers.{{ column }},
        {% endfor %}
        coalesce(customers.known_at, guests.known_at, resolved.first_seen_at) as known_at,
        -- What an account says outweighs what a guest typed; later outweighs earlier.
        case when customers.record_id is null then '0' else '1' end
        || cast(coalesce(customers.known_at, guests.known_at, resolved.first_seen_at) as varchar)
        || resolved.record_id as stated_order
    from resolved
    left join customers on resolved.record_id = customers.record_id
    left join guests on resolved.record_id = guests.record_id
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
        {{ last_stated('email') }} as email,
        {% for column in declared_columns %}
            {{ last_stated(column) }} as {{ column }},
        {% endfor %}
        max(known_at) as known_at
    from stated
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
        people.email,
        {% for column in declared_columns if column != 'registered_at' %}
            people.{{ column }},
        {% endfor %}
        people.record_count,
        people.is_professional,
        people.registered_at,
        people.first_seen_at,
        people.known_at
    from people
    left join buyers on people.customer_id = buyers.customer_id
    left join subscribers on people.customer_id = subscribers.customer_id
)

select * from final
