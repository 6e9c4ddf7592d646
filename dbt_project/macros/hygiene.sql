{# How the fields by which people are reached are judged. #}

{# A number of the seed hygiene_settings. #}
{% macro hygiene_setting(name) -%}
    (
        select settings.value from {{ ref('hygiene_settings') }} as settings
        where settings.setting = '{{ name }}'
    )
{%- endmacro %}

{% macro matches_pattern(text_expression, pattern) -%}
    regexp_matches({{ text_expression }}, {{ pattern }})
{%- endmacro %}

{# What is wrong with a name, the gravest fault first; null when nothing is. #}
{% macro name_problem(name, is_test_name, is_swapped) -%}
    case
        when {{ name }} is null then null
        when {{ matches_pattern(name, "'[0-9@]'") }} then 'has_digits'
        when {{ is_test_name }} then 'test_name'
        when length(replace({{ name }}, '.', '')) < 2 then 'single_letter'
        when {{ is_swapped }} then 'swapped'
        when {{ name }} = upper({{ name }}) and {{ name }} <> lower({{ name }}) then 'all_capitals'
        when {{ name }} = lower({{ name }}) and {{ name }} <> upper({{ name }}) then 'no_capital'
    end
{%- endmacro %}

{# What is left of a value's worth after so many days: halved every half-life; null stays null. #}
{% macro decayed(days, half_life_days) -%}
    case
        when {{ days }} <= 0 then 1.0
        else power(0.5, cast({{ days }} as double) / {{ half_life_days }})
    end
{%- endmacro %}

{# A city to compare: accents, hyphens, "St" and the post's CEDEX are written at will. #}
{% macro normalised_city(text_expression) -%}
    nullif(
        regexp_replace(
            regexp_replace({{ normalised_name(text_expression) }}, ' cedex.*$', ''),
            '^st(e?) ', 'saint\1 '
        ),
        ''
    )
{%- endmacro %}
