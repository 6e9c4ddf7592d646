-- What a value that several records carry is worth: it joins, or it says why not. The values stay
-- as they are, one row per record, so that a kiosk's thousand records are a thousand rows.
with

carried as (
    select
        observed.record_id,
        rules.rule,
        observed.identifier_kind,
        -- Where the rule sets no bound to what a value may connect, a name makes another value.
        case
            when rules.max_first_name_count is null
                then
                    observed.identifier_value || '|'
                    || {{ full_name('observed.first_name', 'observed.last_name') }}
            else observed.identifier_value
        end as identifier_value,
        observed.is_verified,
        observed.blocked_reason,
        observed.first_name,
        observed.birth_date,
        rules.trust,
        rules.first_name as names_wanted,
        rules.max_record_count,
        rules.max_first_name_count,
        rules.max_birth_date_count,
        rules.needs_verified_record,
        case
            when rules.first_name <> 'same' then ''
            when rules.last_name = 'same'
                then {{ full_name('observed.first_name', 'observed.last_name') }}
            else observed.first_name
        end as name_key
    from {{ ref('int_identity__observed') }} as observed
    inner join {{ ref('identity_rules') }} as rules
        on observed.identifier_kind = rules.identifier_kind and rules.is_joining
),

shared as (
    select
        rule,
        identifier_value,
        count(*) as record_count,
        count(distinct first_name) as first_name_count
    from carried
    where name_key is not null
    group by rule, identifier_value
    having count(*) > 1
),

-- An address that a family shares must not make one person of it: only records of one first name
-- join, and one without a name joins where there is a single name to join.
named as (
    select
        carried.*,
        shared.record_count,
        shared.first_name_count,
        case
            when carried.names_wanted <> 'same_or_missing' then carried.name_key
            when shared.first_name_count <= 1 then ''
            else carried.first_name
        end as namesakes
    from carried
    inner join shared
        on carried.rule = shared.rule and carried.identifier_value = shared.identifier_value
    where carried.name_key is not null
),

grouped as (
    select
        rule,
        identifier_value,
        namesakes,
        min(record_id) as first_record_id,
        count(*) as namesake_count,
        count(distinct birth_date) as birth_date_count,
        bool_or(is_verified) as has_verified_record
    from named
    where namesakes is not null
    group by rule, identifier_value, namesakes
),

final as (
    select
        named.record_id,
        coalesce(grouped.first_record_id, named.record_id) as first_record_id,
        named.rule,
        named.identifier_kind,
        named.identifier_value,
        grouped.namesakes,
        named.trust,
        named.record_count,
        named.first_name_count,
        coalesce(grouped.birth_date_count, 0) as birth_date_count,
        case
            when named.blocked_reason is not null then named.blocked_reason
            when named.record_count > named.max_record_count then 'too_many_records'
            when named.first_name_count > named.max_first_name_count then 'too_many_first_names'
            when named.namesakes is null then 'no_name_among_several'
            when grouped.namesake_count = 1 then 'another_name'
            when grouped.birth_date_count > named.max_birth_date_count then 'too_many_birth_dates'
            when named.needs_verified_record and not grouped.has_verified_record
                then 'nobody_proved_it'
        end as reason_not
    from named
    left join grouped
        on
            named.rule = grouped.rule
            and named.identifier_value = grouped.identifier_value
            and named.namesakes = grouped.namesakes
)

select * from final
