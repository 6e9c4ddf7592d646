-- Whose address it is, where exactly one person carries it: an address of two says nothing.
with

observed as (
    select
        record_id,
        identifier_kind as kind,
        identifier_value as value
    from {{ ref('int_identity__observed') }}
),

resolved as (
    select
        record_id,
        customer_id
    from {{ ref('int_identity__resolved') }}
),

blocked_values as (
    select
        identifier_kind,
        identifier_value
    from {{ ref('identity_blocked_values') }}
),

known as (
    select
        observed.kind,
        observed.value,
        resolved.customer_id
    from observed
    inner join resolved on observed.record_id = resolved.record_id
    left join blocked_values
        on
            observed.kind = blocked_values.identifier_kind
            and observed.value = blocked_values.identifier_value
    where blocked_values.identifier_value is null
),

-- A name on a social network becomes known when a contact carries it beside a key or an address.
contacts as (
    select
        lower(trim(handle)) as handle,
        {{ system_key('customer_key', 'customer_system') }} as record_id,
        {{ normalised_email('email') }} as email,
        {{ normalised_phone('phone') }} as phone
    from {{ ref('stg_files__interactions') }}
    where nullif(trim(handle), '') is not null
),

handles as (
    select
        contacts.handle,
        coalesce(resolved.customer_id, emails.customer_id, phones.customer_id) as customer_id
    from contacts
    left join resolved on contacts.record_id = resolved.record_id
    left join known as emails on emails.kind = 'email' and contacts.email = emails.value
    left join known as phones on phones.kind = 'phone' and contacts.phone = phones.value
),

carried as (
    select
        kind,
        value,
        customer_id
    from known
    union all
    select
        'handle' as kind,
        handle as value,
        customer_id
    from handles
    where customer_id is not null
),

final as (
    select
        kind,
        value,
        case when count(distinct customer_id) = 1 then min(customer_id) end as customer_id,
        count(distinct customer_id) > 1 as is_shared
    from carried
    group by kind, value
)

select * from final
