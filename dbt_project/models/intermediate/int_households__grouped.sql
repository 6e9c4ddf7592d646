-- Who lives together: one last name at one address, or at one e-mail address where no postal one is
-- known. A level above people, never a reason to merge them.
with

founders as (
    select
        record_id,
        customer_id,
        first_seen_at
    from {{ ref('int_identity__resolved') }}
    where is_founder
),

named as (
    select
        resolved.customer_id,
        observed.identifier_kind,
        observed.identifier_value || '|' || observed.last_name as shared_value,
        cast(observed.last_seen_at as varchar) || ' ' || observed.record_id || ' '
        || observed.identifier_value as stated_order
    from {{ ref('int_identity__observed') }} as observed
    inner join {{ ref('int_identity__resolved') }} as resolved
        on observed.record_id = resolved.record_id
    where
        observed.identifier_kind in ('address', 'email')
        and observed.last_name is not null
        and observed.blocked_reason is null
),

homes as (
    select
        customer_id,
        {{ last_stated('shared_value') }} as home
    from named
    where identifier_kind = 'address'
    group by customer_id
),

-- Whoever gave no postal address lives where the namesakes with the same mailbox do.
mailboxes as (
    select
        named.customer_id,
        named.shared_value as mailbox,
        min(homes.home) over (partition by named.shared_value) as home
    from named
    left join homes on named.customer_id = homes.customer_id
    where named.identifier_kind = 'email'
),

addressed as (
    select
        customer_id,
        coalesce(min(home), min(mailbox)) as home
    from mailboxes
    group by customer_id
),

keyed as (
    select
        founders.customer_id,
        founders.record_id,
        founders.first_seen_at,
        coalesce(homes.home, addressed.home, founders.customer_id) as home
    from founders
    left join homes on founders.customer_id = homes.customer_id
    left join addressed on founders.customer_id = addressed.customer_id
),

-- A residence of many namesakes is no household.
lived as (
    select
        customer_id,
        record_id,
        first_seen_at,
        case
            when count(*) over (partition by home) > {{ setting('household_person_count') }}
                then customer_id
            else home
        end as home
    from keyed
),

final as (
    select
        customer_id,
        'h_' || substr({{ sha256_hex('first_value(record_id) over household') }}, 1, 16)
            as household_id
    from lived
    window household as (partition by home order by first_seen_at, record_id)
)

select * from final
