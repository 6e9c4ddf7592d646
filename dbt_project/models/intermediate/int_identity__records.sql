-- Whoever a system knows by a key, whether or not it sent a customer record, and every guest.
{% set mentioned_in = {
    'stg_files__carts': 'created_at',
    'stg_files__configuration_versions': 'saved_at',
    'stg_files__invoices': 'invoiced_at',
    'stg_files__leads': 'created_at',
    'stg_files__questions': 'asked_at',
    'stg_files__quotes': 'quoted_at',
    'int_campaign_contacts__united': 'coalesce(contacted_at, known_at)',
    'int_content_views__united': 'viewed_at',
    'int_order_lines__united': 'ordered_at',
    'int_orders__united': 'ordered_at',
    'int_product_views__united': 'viewed_at',
    'int_redemptions__united': 'known_at',
} %}

with

accounts as (
    select
        {{ system_key('customer_key', 'customer_system') }} as record_id,
        is_test
    from {{ ref('int_customers__united') }}
),

-- An account that its source deleted is nobody, unless something else still speaks of it.
customers as (
    select
        versions.customer_system,
        versions.customer_key,
        least(versions.known_at, coalesce(versions.registered_at, versions.known_at)) as seen_at
    from {{ ref('int_customers__versioned') }} as versions
    inner join accounts on versions.record_id = accounts.record_id
),

mentioned as (
    select
        customer_system,
        customer_key,
        seen_at
    from customers
    union all
    select
        customer_system,
        customer_key,
        first_seen_at as seen_at
    from {{ ref('int_identity__guests') }}
    {% for model, seen_at in mentioned_in.items() %}
        union all
        select
            customer_system,
            customer_key,
            min({{ seen_at }}) as seen_at
        from {{ ref(model) }}
        where customer_key is not null
        group by customer_system, customer_key
    {% endfor %}
),

final as (
    select
        {{ system_key('mentioned.customer_key', 'mentioned.customer_system') }} as record_id,
        mentioned.customer_system as source_system,
        mentioned.customer_key,
        mentioned.customer_key like 'guest:%' as is_guest,
        coalesce(bool_or(accounts.is_test), false) as is_test,
        min(mentioned.seen_at) as first_seen_at
    from mentioned
    left join accounts
        on
            {{ system_key('mentioned.customer_key', 'mentioned.customer_system') }}
            = accounts.record_id
    where mentioned.customer_key is not null
    group by mentioned.customer_system, mentioned.customer_key
)

select * from final
