-- Whose address it is, where exactly one person carries it: an address of two says nothing.
with

observed as (
    select
        record_id,
        identifier_kind as kind,
        identifier_value as value
    from {{ ref('int_identity__observed') }}
    where identifier_kind in ('email', 'phone', 'loyalty_card') and blocked_reason is null
),

resolved as (
    select
        record_id,
        customer_id,
        customer_key like 'guest:%' as is_guest
    from {{ ref('int_identity__resolved') }}
),

known as (
    select
        observed.kind,
        observed.value,
        resolved.customer_id,
        resolved.is_guest
    from observed
    inner join resolved on observed.record_id = resolved.record_id
),

-- An account outweighs what a guest typed.
one_of as (
    select
        kind,
        value,
        coalesce(
            case
                when count(distinct customer_id) filter (where not is_guest) = 1
                    then min(customer_id) filter (where not is_guest)
            end,
            case when count(distinct customer_id) = 1 then min(customer_id) end
        ) as customer_id
    from known
    group by kind, value
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
    left join one_of as emails on emails.kind = 'email' and contacts.email = emails.value
    left join one_of as phones on phones.kind = 'phone' and contacts.phone = phones.value
),

final as (
    select
        kind,
        value,
        customer_id,
        customer_id is null as is_shared
    from one_of
    union all
    select
        'handle' as kind,
        handle as value,
        case when count(distinct customer_id) = 1 then min(customer_id) end as customer_id,
        count(distinct customer_id) > 1 as is_shared
    from handles
    where customer_id is not null
    group by handle
)

select * from final
