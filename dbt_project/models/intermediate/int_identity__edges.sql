-- One edge from each record to the smallest one with the same value: linear, and the same cluster.
with

observed as (
    select
        record_id,
        identifier_kind,
        identifier_value,
        is_verified,
        first_name
    from {{ ref('int_identity__observed') }}
),

rules as (
    select
        identifier_kind,
        trust,
        max_record_count,
        needs_verified_record,
        needs_same_first_name
    from {{ ref('identity_rules') }}
    where is_joining
),

blocked_values as (
    select
        identifier_kind,
        identifier_value
    from {{ ref('identity_blocked_values') }}
),

carried as (
    select
        observed.*,
        rules.trust,
        rules.max_record_count,
        rules.needs_verified_record,
        rules.needs_same_first_name,
        min(observed.first_name) over same_value as smallest_name,
        max(observed.first_name) over same_value as greatest_name,
        count(*) over same_value as record_count
    from observed
    inner join rules on observed.identifier_kind = rules.identifier_kind
    left join blocked_values
        on
            observed.identifier_kind = blocked_values.identifier_kind
            and observed.identifier_value = blocked_values.identifier_value
    where blocked_values.identifier_value is null
    window same_value as (partition by observed.identifier_kind, observed.identifier_value)
),

-- An address that a family shares must not make one person of it: only records of one first name
-- join, and one without a name joins where there is a single name to join.
named as (
    select
        *,
        case
            when not needs_same_first_name or coalesce(smallest_name = greatest_name, true)
                then 'everybody'
            when first_name is null then 'nobody'
            else 'named ' || first_name
        end as namesakes
    from carried
),

counted as (
    select
        *,
        min(record_id) over same_namesakes as other_record_id,
        bool_or(is_verified) over same_namesakes as has_verified_record
    from named
    window same_namesakes as (partition by identifier_kind, identifier_value, namesakes)
),

final as (
    select
        record_id,
        other_record_id,
        identifier_kind,
        identifier_value,
        trust
    from counted
    -- A value that too many records carry says nothing about who they are (a shop's own address).
    where
        record_id <> other_record_id
        and record_count <= max_record_count
        and namesakes <> 'nobody'
        and (has_verified_record or not needs_verified_record)
)

select * from final
