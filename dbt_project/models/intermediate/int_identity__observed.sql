-- Every version counts: an order typed with last year's address is still the same person's.
{% set of_an_account = {
    'email': normalised_email('customers.email'),
    'phone': normalised_phone('customers.phone', 'customers.country'),
    'loyalty_card': 'customers.loyalty_card_key',
    'address': normalised_address('customers.address_line', 'customers.postal_code', 'customers.country'),
} %}

with

described as (
    select
        record_id,
        source_system,
        first_name,
        last_name,
        birth_date
    from {{ ref('int_identity__described') }}
),

customers as (
    select
        customers.*,
        coalesce(customers.has_verified_email, false)
        or verified_systems.source_system is not null as is_email_verified
    from {{ ref('int_customers__versioned') }} as customers
    left join {{ ref('identity_verified_systems') }} as verified_systems
        on
            customers.customer_system = verified_systems.source_system
            and verified_systems.identifier_kind = 'email'
),

seen as (
    {% for kind, value in of_an_account.items() %}
        select
            customers.record_id,
            '{{ kind }}' as identifier_kind,
            {{ value }} as identifier_value,
            {{ 'customers.is_email_verified' if kind == 'email' else 'false' }} as is_verified,
            customers.valid_from as first_seen_at,
            greatest(customers.valid_from, customers.known_at) as last_seen_at
        from customers
        union all
    {% endfor %}
    -- Whoever issues the cards knows that the number is one.
    select
        customers.record_id,
        key_kinds.identifier_kind,
        customers.customer_key as identifier_value,
        true as is_verified,
        customers.valid_from as first_seen_at,
        greatest(customers.valid_from, customers.known_at) as last_seen_at
    from customers
    inner join {{ ref('identity_key_kinds') }} as key_kinds
        on customers.customer_system = key_kinds.source_system
    union all
    select
        described.record_id,
        'account' as identifier_kind,
        described.record_id as identifier_value,
        true as is_verified,
        records.first_seen_at,
        records.first_seen_at as last_seen_at
    from described
    inner join {{ ref('int_identity__records') }} as records
        on described.record_id = records.record_id and not records.is_guest
    union all
    select
        described.record_id,
        'birth_date' as identifier_kind,
        cast(described.birth_date as varchar) as identifier_value,
        false as is_verified,
        records.first_seen_at,
        records.first_seen_at as last_seen_at
    from described
    inner join {{ ref('int_identity__records') }} as records
        on described.record_id = records.record_id
    where described.birth_date is not null
    union all
    select
        record_id,
        identifier_kind,
        identifier_value,
        is_verified,
        first_seen_at,
        last_seen_at
    from {{ ref('int_identity__encountered') }}
),

final as (
    select
        seen.record_id,
        described.source_system,
        seen.identifier_kind,
        seen.identifier_value,
        bool_or(seen.is_verified) as is_verified,
        case
            when bool_or(seen.is_verified) then max(kinds.trust_when_verified)
            else max(kinds.trust_when_stated)
        end as trust,
        max(blocked_values.reason) as blocked_reason,
        described.first_name,
        described.last_name,
        described.birth_date,
        min(seen.first_seen_at) as first_seen_at,
        max(seen.last_seen_at) as last_seen_at
    from seen
    inner join described on seen.record_id = described.record_id
    left join {{ ref('identity_kinds') }} as kinds on seen.identifier_kind = kinds.identifier_kind
    left join {{ ref('identity_blocked_values') }} as blocked_values
        on
            seen.identifier_kind = blocked_values.identifier_kind
            and seen.identifier_value like blocked_values.identifier_value
    where seen.identifier_value is not null
    group by
        seen.record_id, described.source_system, seen.identifier_kind, seen.identifier_value,
        described.first_name, described.last_name, described.birth_date
)

select * from final
