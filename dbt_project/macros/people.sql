{# What a customer record declares about a person, e-mail aside; the last statement wins. #}
{% macro declared_columns() -%}
    {{ return([
        'phone', 'first_name', 'last_name', 'birth_date', 'address_line', 'postal_code', 'city',
        'country', 'age_band', 'income_band', 'home_ownership', 'marital_status',
        'household_size', 'household_composition', 'children_count', 'registered_at',
    ]) }}
{%- endmacro %}
