-- A score whose model does not beat its naive rule is not used: no probability leaves here.
with

scores as (
    select
        customer_id,
        score,
        subject,
        probability,
        percentile,
        used,
        reasons
    from {{ source('ml', 'scores') }}
),

appetences as (
    select
        customer_id,
        subject,
        probability
    from scores
    where score = 'appetence' and used
    qualify row_number() over (partition by customer_id order by probability desc, subject asc) = 1
),

attritions as (
    select
        customer_id,
        max(probability) filter (where score = 'attrition_28d' and used)
            as attrition_28d_probability,
        max(probability) filter (where score = 'attrition_56d' and used)
            as attrition_56d_probability,
        max(probability) filter (where score = 'attrition_own_rhythm' and used)
            as attrition_own_rhythm_probability,
        max(percentile) filter (where score = 'attrition_own_rhythm' and used)
            as attrition_own_rhythm_percentile,
        max({{ reason_texts('reasons', 'en') }})
        filter (where score = 'attrition_own_rhythm' and used)
            as attrition_reasons_en,
        max({{ reason_texts('reasons', 'fr') }})
        filter (where score = 'attrition_own_rhythm' and used)
            as attrition_reasons_fr,
        bool_or(used) filter (where score = 'attrition_own_rhythm') as is_attrition_model_used
    from scores
    where score like 'attrition%'
    group by customer_id
),

final as (
    select
        coalesce(attritions.customer_id, appetences.customer_id) as customer_id,
        attritions.attrition_28d_probability,
        attritions.attrition_56d_probability,
        attritions.attrition_own_rhythm_probability,
        attritions.attrition_own_rhythm_percentile,
        attritions.attrition_reasons_en,
        attritions.attrition_reasons_fr,
        coalesce(attritions.is_attrition_model_used, false) as is_attrition_model_used,
        appetences.subject as top_appetence_category,
        appetences.probability as top_appetence_probability
    from attritions
    full outer join appetences on attritions.customer_id = appetences.customer_id
)

select * from final
