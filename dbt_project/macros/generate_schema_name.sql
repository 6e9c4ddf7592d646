{# One word, four places: the folder under models/ is the schema (house rule). Seeds say theirs. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- if node.resource_type == 'model' -%}
        {{ node.fqn[1] }}
    {%- elif custom_schema_name -%}
        {{ custom_schema_name | trim }}
    {%- else -%}
        {{ target.schema }}
    {%- endif -%}
{%- endmacro %}
