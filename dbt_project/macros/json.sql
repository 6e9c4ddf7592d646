{#
  One row per key of a JSON object, with its value as text: the columns named, `option_name`,
  `option_choice`. A text that is no JSON object has none.
#}
{% macro json_options(relation, columns, json_column) -%}
    (
        select
            {{ columns | join(', ') }},
            option_name,
            json_extract_string({{ json_column }}, '$."' || option_name || '"') as option_choice
        from (
            select
                {{ columns | join(', ') }},
                {{ json_column }},
                unnest(
                    case when json_valid({{ json_column }}) then json_keys({{ json_column }}) end
                ) as option_name
            from {{ relation }}
        ) as keyed
    )
{%- endmacro %}
