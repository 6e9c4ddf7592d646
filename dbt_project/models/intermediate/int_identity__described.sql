-- The record's own words, last stated: what tells two people with one identifier apart.
with

customers as (
    select
        record_id,
        first_name,
        last_name,
        birth_date,
        cast(valid_from as varchar) || ' ' || coalesce(cast(loaded_at as varchar), '') || ' '
        || coalesce(cast(valid_to as varchar), '9') as stated_order
    from {{ ref('int_customers__versioned') }}
),

records as (
    select
        record_id,
        source_system
    from {{ ref('int_identity__records') }}
    where not is_test
),

blocked_values as (
    select identifier_value
    from {{ ref('identity_blocked_values') }}
    where identifier_kind = 'birth_date'
),

stated as (
    select
        records.record_id,
        records.source_system,
        {{ normalised_name(last_stated('customers.first_name', 'customers.stated_order')) }}
            as first_name,
        {{ normalised_name(last_stated('customers.last_name', 'customers.stated_order')) }}
            as last_name,
        {{ last_stated('customers.birth_date', 'customers.stated_order') }} as birth_date
    from records
    left join customers on records.record_id = customers.record_id
    group by records.record_id, records.source_system
),

final as (
    select
        stated.record_id,
        stated.source_system,
        stated.first_name,
        stated.last_name,
        -- A date that cannot be one says nothing about who somebody is.
        case
            when stated.birth_date <= {{ as_of_date() }} and blocked_values.identifier_value is null
                then stated.birth_date
        end as birth_date
    from stated
    left join blocked_values
        on cast(stated.birth_date as varchar) = blocked_values.identifier_value
)

select * from final
