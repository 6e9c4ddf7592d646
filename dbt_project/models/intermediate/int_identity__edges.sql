-- One edge from each record to the smallest one with the same value: linear, and the same cluster.
with

weighed as (
    select
        record_id,
        first_record_id,
        rule,
        identifier_kind,
        identifier_value,
        namesakes,
        trust
    from {{ ref('int_identity__weighed') }}
    where reason_not is null
),

final as (
    select
        record_id,
        first_record_id as other_record_id,
        rule,
        identifier_kind,
        identifier_value || '|' || namesakes as identifier_value,
        trust
    from weighed
    where record_id <> first_record_id
)

select * from final
