-- What each statement is worth: the row of attribute_sources that fits it best decides.
{% set rules = [
    ('of_both', 'claimed.source_system', 'claimed.attribute'),
    ('of_system', 'claimed.source_system', "'*'"),
    ('of_attribute', "'*'", 'claimed.attribute'),
    ('of_any', "'*'", "'*'"),
] %}

with

claimed as (select * from {{ ref('int_attributes__claimed') }}),

resolved as (
    select
        record_id,
        customer_id
    from {{ ref('int_identity__resolved') }}
),

final as (
    select
        resolved.customer_id,
        claimed.*,
        coalesce(
            {% for rule, _, _ in rules %}
                {{ rule }}.origin,
            {% endfor %}
            'observed'
        ) as origin,
        coalesce(
            {% for rule, _, _ in rules %}
                {{ rule }}.precedence,
            {% endfor %}
            8
        ) as precedence
    from claimed
    inner join resolved on claimed.record_id = resolved.record_id
    {% for rule, source_system, attribute in rules %}
        left join {{ ref('attribute_sources') }} as {{ rule }}
            on
                claimed.claim = {{ rule }}.claim
                and {{ source_system }} = {{ rule }}.source_system
                and {{ attribute }} = {{ rule }}.attribute
    {% endfor %}
)

select * from final
