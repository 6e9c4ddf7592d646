{# Whether a value lies in a cut: above its lower bound, up to its upper one; null bounds are open. #}
{% macro in_cut(value, cut) -%}
    ({{ cut }}.lower_bound is null or {{ value }} > {{ cut }}.lower_bound)
    and ({{ cut }}.upper_bound is null or {{ value }} <= {{ cut }}.upper_bound)
{%- endmacro %}
