-- Who typed an address and has no key: at checkout, in a cart left there, to save a configuration,
-- to ask something.
{% set typed_in = {
    'stg_files__carts': 'created_at',
    'stg_files__configuration_versions': 'saved_at',
    'stg_files__questions': 'asked_at',
} %}

with

typed as (
    select
        customer_system,
        email,
        ordered_at as seen_at,
        known_at
    from {{ ref('int_orders__united') }}
    where customer_key is null
    {% for model, happened_at in typed_in.items() %}
        union all
        select
            customer_system,
            email,
            {{ happened_at }} as seen_at,
            known_at
        from {{ ref(model) }}
        where customer_key is null
    {% endfor %}
),

final as (
    select
        {{ system_key(guest_key('email'), 'customer_system') }} as record_id,
        customer_system,
        {{ guest_key('email') }} as customer_key,
        {{ normalised_email('email') }} as email,
        min(seen_at) as first_seen_at,
        max(known_at) as known_at
    from typed
    where {{ normalised_email('email') }} is not null
    group by
        {{ system_key(guest_key('email'), 'customer_system') }},
        customer_system,
        {{ guest_key('email') }},
        {{ normalised_email('email') }}
)

select * from final
