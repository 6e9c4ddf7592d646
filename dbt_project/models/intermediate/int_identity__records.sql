-- Whoever a system knows by a key, whether or not it sent a customer record, and every guest.
with

customers as (
    select
        source_system,
        customer_key,
        registered_at,
        known_at
    from {{ ref('int_customers__versioned') }}
),

orders as (
    select
        source_system,
        customer_key,
        email,
        ordered_at
    from {{ ref('int_orders__united') }}
),

mentioned as (
    select
        source_system,
        customer_key,
        least(known_at, coalesce(registered_at, known_at)) as seen_at
    from customers
    union all
    select
        source_system,
        coalesce(customer_key, {{ guest_key('email') }}) as customer_key,
        ordered_at as seen_at
    from orders
    union all
    select
        source_system,
        customer_key,
        min(ordered_at) as seen_at
    from {{ ref('int_order_lines__united') }}
    group by source_system, customer_key
    union all
    select
        source_system,
        customer_key,
        coalesce(contacted_at, known_at) as seen_at
    from {{ ref('int_campaign_contacts__united') }}
    union all
    select
        source_system,
        customer_key,
        known_at as seen_at
    from {{ ref('int_redemptions__united') }}
    union all
    select
        source_system,
        customer_key,
        viewed_at as seen_at
    from {{ ref('int_product_views__united') }}
    union all
    select
        source_system,
        customer_key,
        viewed_at as seen_at
    from {{ ref('int_content_views__united') }}
),

final as (
    select
        {{ system_key('customer_key') }} as record_id,
        source_system,
        customer_key,
        customer_key like 'guest:%' as is_guest,
        min(seen_at) as first_seen_at
    from mentioned
    where customer_key is not null
    group by source_system, customer_key
)

select * from final
