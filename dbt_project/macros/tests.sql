{% test unique_together(model, columns) %}
select {{ columns | join(', ') }}
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}

{% test between(model, column_name, at_least=none, at_most=none) %}
select {{ column_name }}
from {{ model }}
where
    {{ column_name }} is not null
    and (
        false
        {% if at_least is not none %}or {{ column_name }} < {{ at_least }}{% endif %}
        {% if at_most is not none %}or {{ column_name }} > {{ at_most }}{% endif %}
    )
{% endtest %}
