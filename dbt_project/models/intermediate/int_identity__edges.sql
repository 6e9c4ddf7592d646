-- One edge from each record to the smallest one with the same value: linear, and the same cluster.
with

observed as (
    select
        record_id,
        identifier_kind,
        identifier_value
    from {{ ref('int_identity__observed') }}
),

rules as (
    select
        identifier_kind,
        trust,
        max_record_count
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
        observed.record_id,
        observed.identifier_kind,
        observed.identifier_value,
        rules.trust,
        rules.max_record_count
    from observed
    inner join rules on observed.identifier_kind = rules.identifier_kind
    left join blocked_values
        on
            observed.identifier_kind = blocked_values.identifier_kind
            and observed.identifier_value = blocked_values.identifier_value
    where blocked_values.identifier_value is null
),

counted as (
    select
        *,
        min(record_id) over (partition by identifier_kind, identifier_value) as other_record_id,
        count(*) over (partition by identifier_kind, identifier_value) as record_count
    from carried
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
    where record_id <> other_record_id and record_count <= max_record_count
)

select * from final
