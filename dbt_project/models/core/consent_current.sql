-- What the gate answers at the end of the run's day, by the same rules and the same query. The gate
-- itself reads the ledger again before each batch, so a word of today counts there first.
with

resolved as (
    select
        customer_id,
        source_system,
        customer_key
    from {{ ref('int_identity__resolved') }}
),

address_hashes as (
    select
        source_system,
        customer_key,
        address_hash
    from {{ ref('stg_state__address_hashes') }}
),

pairs as (
    select
        channel,
        purpose
    from {{ ref('consent_rules') }}
    group by channel, purpose
),

asked as (
    select
        customers.customer_id || '|' || pairs.channel || '|' || pairs.purpose as request_id,
        customers.customer_id as person_id,
        pairs.channel,
        pairs.purpose,
        customers.relation,
        customers.country,
        customers.is_professional,
        coalesce(ordered.order_count, 0) > 0 as has_purchased
    from {{ ref('dim_customers') }} as customers
    cross join pairs
    left join {{ ref('int_customers__ordered') }} as ordered
        on customers.customer_id = ordered.customer_id
),

subjects as (
    select
        customer_id as person_id,
        source_system,
        customer_key,
        cast(null as varchar) as address_hash
    from resolved
    union all
    select
        resolved.customer_id as person_id,
        cast(null as varchar) as source_system,
        cast(null as varchar) as customer_key,
        address_hashes.address_hash
    from resolved
    inner join address_hashes
        on
            resolved.source_system = address_hashes.source_system
            and resolved.customer_key = address_hashes.customer_key
    group by resolved.customer_id, address_hashes.address_hash
),

decided as (
    {{
        consent_decisions(
            'asked', 'subjects', ref('stg_state__consent_entries'), ref('consent_rules'),
            ref('consent_purposes'), 'cast(' ~ days_after(as_of_date(), 1) ~ ' as timestamp)',
            as_of_date()
        )
    }}
),

final as (
    select
        person_id as customer_id,
        channel,
        purpose,
        case when is_allowed then 'allowed' else 'denied' end as state,
        basis,
        reason,
        entry_id,
        since_at
    from decided
)

select * from final
