-- Every version counts: an order typed with last year's address is still the same person's.
with

customers as (
    select
        customers.record_id,
        customers.customer_system,
        customers.customer_key,
        customers.email,
        customers.phone,
        customers.country,
        customers.loyalty_card_key,
        coalesce(customers.has_verified_email, false)
        or verified_systems.source_system is not null as is_email_verified,
        -- The name of the record, not of the version: a corrected typo changes no person.
        {{ normalised_name('last_value(customers.first_name ignore nulls) over record_versions') }}
            as first_name
    from {{ ref('int_customers__versioned') }} as customers
    left join {{ ref('identity_verified_systems') }} as verified_systems
        on
            customers.customer_system = verified_systems.source_system
            and verified_systems.identifier_kind = 'email'
    inner join {{ ref('int_identity__records') }} as records
        on customers.record_id = records.record_id and not records.is_test
    window record_versions as (
        partition by customers.record_id
        order by customers.valid_from, customers.loaded_at, customers.valid_to nulls last
        rows between unbounded preceding and unbounded following
    )
),

observed as (
    select
        record_id,
        'email' as identifier_kind,
        {{ normalised_email('email') }} as identifier_value,
        is_email_verified as is_verified,
        first_name
    from customers
    union all
    select
        record_id,
        'phone' as identifier_kind,
        {{ normalised_phone('phone', 'country') }} as identifier_value,
        false as is_verified,
        first_name
    from customers
    union all
    select
        record_id,
        'loyalty_card' as identifier_kind,
        loyalty_card_key as identifier_value,
        false as is_verified,
        first_name
    from customers
    union all
    -- Whoever issues the cards knows that the number is one.
    select
        customers.record_id,
        key_kinds.identifier_kind,
        customers.customer_key as identifier_value,
        true as is_verified,
        customers.first_name
    from customers
    inner join {{ ref('identity_key_kinds') }} as key_kinds
        on customers.customer_system = key_kinds.source_system
    union all
    select
        record_id,
        'email' as identifier_kind,
        email as identifier_value,
        false as is_verified,
        null as first_name
    from {{ ref('int_identity__guests') }}
),

final as (
    select
        record_id,
        identifier_kind,
        identifier_value,
        bool_or(is_verified) as is_verified,
        max(first_name) as first_name
    from observed
    where record_id is not null and identifier_value is not null
    group by record_id, identifier_kind, identifier_value
)

select * from final
