-- Every version counts: an order typed with last year's address is still the same person's.
with

customers as (
    select
        record_id,
        source_system,
        customer_key,
        email,
        phone
    from {{ ref('int_customers__versioned') }}
),

orders as (
    select
        source_system,
        customer_key,
        email
    from {{ ref('int_orders__united') }}
),

key_kinds as (
    select
        source_system,
        identifier_kind
    from {{ ref('identity_key_kinds') }}
),

observed as (
    select
        record_id,
        'email' as identifier_kind,
        {{ normalised_email('email') }} as identifier_value
    from customers
    union all
    select
        record_id,
        'phone' as identifier_kind,
        {{ normalised_phone('phone') }} as identifier_value
    from customers
    union all
    select
        {{ system_key(guest_key('email')) }} as record_id,
        'email' as identifier_kind,
        {{ normalised_email('email') }} as identifier_value
    from orders
    where customer_key is null
    union all
    select
        customers.record_id,
        key_kinds.identifier_kind,
        customers.customer_key as identifier_value
    from customers
    inner join key_kinds on customers.source_system = key_kinds.source_system
),

final as (
    select
        record_id,
        identifier_kind,
        identifier_value
    from observed
    where record_id is not null and identifier_value is not null
    group by record_id, identifier_kind, identifier_value
)

select * from final
