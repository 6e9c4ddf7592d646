-- What a record says about its person, for the linker: the last version, without what says nothing.
with

versions as (
    select
        record_id,
        customer_system,
        customer_key,
        first_name,
        last_name,
        birth_date,
        {{ normalised_email('email') }} as email,
        {{ normalised_phone('phone', 'country') }} as phone,
        address_line,
        postal_code,
        city,
        country,
        loyalty_card_key
    from {{ ref('int_customers__versioned') }}
    qualify row_number() over (
        partition by record_id
        order by valid_from desc, loaded_at desc, source_system desc
    ) = 1
),

blocked_values as (
    select
        identifier_kind,
        identifier_value
    from {{ ref('int_identity__observed') }}
    where blocked_reason is not null
    group by all
),

issuers as (
    select source_system
    from {{ ref('identity_key_kinds') }}
    where identifier_kind = 'loyalty_card'
),

stated as (
    select
        versions.record_id,
        versions.customer_system as source_system,
        versions.customer_key,
        versions.first_name,
        versions.last_name,
        -- Forms send 1900-01-01 for nothing; a date to come is a slip that nobody shares.
        case
            when versions.birth_date between date '1901-01-01' and {{ as_of_date() }}
                then versions.birth_date
        end as birth_date,
        versions.email,
        versions.phone,
        versions.address_line,
        versions.postal_code,
        versions.city,
        versions.country,
        case
            when issuers.source_system is not null then versions.customer_key
            else versions.loyalty_card_key
        end as loyalty_card_key
    from versions
    inner join {{ ref('int_identity__records') }} as records
        on versions.record_id = records.record_id and not records.is_test
    left join issuers on versions.customer_system = issuers.source_system
    union all
    select
        record_id,
        customer_system as source_system,
        customer_key,
        null as first_name,
        null as last_name,
        null as birth_date,
        email,
        null as phone,
        null as address_line,
        null as postal_code,
        null as city,
        null as country,
        null as loyalty_card_key
    from {{ ref('int_identity__guests') }}
),

final as (
    select
        stated.record_id,
        stated.source_system,
        stated.customer_key,
        stated.first_name,
        stated.last_name,
        stated.birth_date,
        stated.address_line,
        stated.postal_code,
        stated.city,
        stated.country,
        case when emails.identifier_value is null then stated.email end as email,
        case when phones.identifier_value is null then stated.phone end as phone,
        case when cards.identifier_value is null then stated.loyalty_card_key end
            as loyalty_card_key
    from stated
    left join blocked_values as emails
        on emails.identifier_kind = 'email' and stated.email = emails.identifier_value
    left join blocked_values as phones
        on phones.identifier_kind = 'phone' and stated.phone = phones.identifier_value
    left join blocked_values as cards
        on
            cards.identifier_kind = 'loyalty_card'
            and stated.loyalty_card_key = cards.identifier_value
)

select * from final
