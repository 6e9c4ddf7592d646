-- A field that nobody here ever gave is no gap of anybody: it is not judged (missing is not zero).
with

fields as (select * from {{ ref('hygiene_field_weights') }}),

attributes as (
    select
        attributes.customer_id,
        attributes.attribute as field,
        attributes.first_stated_at,
        attributes.last_verified_at
    from {{ ref('customer_attributes') }} as attributes
    inner join fields on attributes.attribute = fields.field
),

knowable as (
    select field from attributes
    group by field
),

judged as (
    {% for field in [
        'email', 'phone', 'first_name', 'last_name', 'birth_date', 'address_line', 'postal_code',
        'city', 'country',
    ] %}
        select
            customer_id,
            '{{ field }}' as field,
            {{ field }}_problem as problem
        from {{ ref('int_hygiene__judged') }}
        {{ "union all" if not loop.last }}
    {% endfor %}
),

final as (
    select
        judged.customer_id,
        judged.field,
        attributes.field is not null as is_known,
        judged.problem,
        case
            when attributes.field is not null then coalesce(problems.accuracy, 1)
        end as accuracy,
        coalesce(problems.is_doubtful, false) as is_doubtful,
        {{ decayed(
            day_difference(business_date('attributes.last_verified_at'), as_of_date()),
            'fields.half_life_days'
        ) }} as freshness,
        fields.weight,
        fields.ask_order,
        attributes.first_stated_at,
        attributes.last_verified_at
    from judged
    inner join fields on judged.field = fields.field
    inner join knowable on judged.field = knowable.field
    left join attributes
        on judged.customer_id = attributes.customer_id and judged.field = attributes.field
    left join {{ ref('hygiene_problems') }} as problems
        on judged.field = problems.field and judged.problem = problems.problem
)

select * from final
