-- What identity did, in counts: nobody can be found in it.
with

resolved as (
    select
        record_id,
        source_system,
        customer_id
    from {{ ref('int_identity__resolved') }}
),

evidence as (
    select
        evidence.rule,
        evidence.is_used,
        evidence.cut_reason,
        resolved.customer_id
    from {{ source('identity', 'identity_evidence') }} as evidence
    inner join resolved on evidence.record_id = resolved.record_id
),

sized as (
    select
        customer_id,
        count(*) as record_count
    from resolved
    group by customer_id
),

counted as (
    select
        'rule' as subject,
        rule as code,
        count(*) as item_count,
        count(distinct customer_id) as person_count
    from evidence
    where is_used
    group by rule
    union all
    select
        'cut' as subject,
        cut_reason as code,
        count(*) as item_count,
        count(distinct customer_id) as person_count
    from evidence
    where not is_used
    group by cut_reason
    union all
    select
        'not_joining' as subject,
        weighed.reason_not as code,
        count(distinct weighed.identifier_value) as item_count,
        count(distinct resolved.customer_id) as person_count
    from {{ ref('int_identity__weighed') }} as weighed
    inner join resolved on weighed.record_id = resolved.record_id
    where weighed.reason_not is not null
    group by weighed.reason_not
    union all
    select
        'link' as subject,
        links.status as code,
        count(*) as item_count,
        count(distinct resolved.customer_id) as person_count
    from {{ source('identity', 'identity_links') }} as links
    inner join resolved on links.record_id = resolved.record_id
    group by links.status
    union all
    select
        'size' as subject,
        case when record_count < 6 then cast(record_count as varchar) else '6+' end as code,
        sum(record_count) as item_count,
        count(*) as person_count
    from sized
    group by case when record_count < 6 then cast(record_count as varchar) else '6+' end
    union all
    select
        'system' as subject,
        source_system as code,
        count(*) as item_count,
        count(distinct customer_id) as person_count
    from resolved
    group by source_system
),

final as (
    select
        subject,
        code,
        cast(item_count as bigint) as item_count,
        cast(person_count as bigint) as person_count
    from counted
)

select * from final
