{# The golden record: who is believed about a person, and what a value says. #}

{#
  Sorts statements about one attribute from the weakest to the strongest, without ties, so that
  neither the order of rows nor a full rebuild changes who wins.
#}
{% macro survivorship_order(precedence, stated_at, last_resort) -%}
    cast(9 - {{ precedence }} as varchar) || cast({{ stated_at }} as varchar) || {{ last_resort }}
{%- endmacro %}

{# The country of a number written with its calling code; null where a code serves several. #}
{% macro country_of_number(phone_column) -%}
    {%- set digits -%}
        regexp_replace(
            regexp_replace(replace({{ phone_column }}, '(0)', ''), '[^0-9+]', '', 'g'), '^00', '+'
        )
    {%- endset -%}
    case
        {%- for code, country in [
            ('352', 'LU'), ('590', 'GP'), ('594', 'GF'), ('596', 'MQ'), ('31', 'NL'), ('32', 'BE'),
            ('33', 'FR'), ('34', 'ES'), ('39', 'IT'), ('41', 'CH'), ('44', 'GB'), ('49', 'DE'),
        ] %}
        when {{ digits }} like '+{{ code }}%' then '{{ country }}'
        {%- endfor %}
    end
{%- endmacro %}

{# Whether a name is written as names are: neither all capitals nor without any. #}
{% macro is_mixed_case(text_expression) -%}
    ({{ text_expression }} <> upper({{ text_expression }})
    and {{ text_expression }} <> lower({{ text_expression }}))
{%- endmacro %}
