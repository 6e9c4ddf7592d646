-- Who bought with an address and no key, or typed one that no account carries: into a cart left
-- there, to save a configuration, to ask something.
{% set typed_in = {
    'stg_files__carts': 'created_at',
    'stg_files__configuration_versions': 'saved_at',
    'stg_files__questions': 'asked_at',
} %}

with

typed as (
    select
        customer_system,
        {{ normalised_email('email') }} as email,
        true as is_buyer,
        ordered_at as seen_at,
        known_at
    from {{ ref('int_orders__united') }}
    where customer_key is null
    {% for model, happened_at in typed_in.items() %}
        union all
        select
            customer_system,
            {{ normalised_email('email') }} as email,
            false as is_buyer,
            {{ happened_at }} as seen_at,
            known_at
        from {{ ref(model) }}
        where customer_key is null
    {% endfor %}
),

accounts as (
    select {{ normalised_email('email') }} as email
    from {{ ref('int_customers__versioned') }}
    group by {{ normalised_email('email') }}
),

final as (
    select
        {{ system_key(guest_key('typed.email'), 'typed.customer_system') }} as record_id,
        typed.customer_system,
        {{ guest_key('typed.email') }} as customer_key,
        typed.email,
        min(typed.seen_at) as first_seen_at,
        max(typed.known_at) as known_at
    from typed
    left join accounts on typed.email = accounts.email
    where typed.email is not null and (typed.is_buyer or accounts.email is null)
    group by typed.customer_system, typed.email
)

select * from final
