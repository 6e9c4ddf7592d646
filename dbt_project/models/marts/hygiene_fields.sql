with

fields as (select * from {{ ref('int_hygiene__fields') }}),

stated as (
    select
        field,
        case when is_known then coalesce(problem, 'none') else 'missing' end as problem,
        weight,
        freshness
    from fields
),

final as (
    select
        stated.field,
        stated.problem,
        max(labels.label_en) as field_label_en,
        max(labels.label_fr) as field_label_fr,
        max(problems.label_en) as problem_label_en,
        max(problems.label_fr) as problem_label_fr,
        max(stated.weight) as weight,
        case
            when stated.problem <> 'missing' then coalesce(max(problems.accuracy), 1)
        end as accuracy,
        count(*) as person_count,
        avg(cast(stated.freshness as decimal(18, 9))) as freshness_score,
        {{ as_of_date() }} as as_of_date
    from stated
    inner join {{ ref('hygiene_field_weights') }} as labels on stated.field = labels.field
    left join {{ ref('hygiene_problems') }} as problems
        on stated.field = problems.field and stated.problem = problems.problem
    group by stated.field, stated.problem
)

select * from final
