{# Amounts of several currencies can only be summed in one: the company's. #}

{# The amount in the company's currency; null where the seed currency_rates has no rate. #}
{% macro in_company_currency(amount, currency, rate) -%}
    case
        when coalesce({{ currency }}, {{ company_currency() }}) = {{ company_currency() }}
            then {{ amount }}
        else cast({{ amount }} * {{ rate }} as decimal(18, 2))
    end
{%- endmacro %}

{# What joins `rates`, a relation of int_currency_rates__dated, to a row of that currency and day. #}
{% macro has_rate(rates, currency, date_on) -%}
    {{ currency }} = {{ rates }}.currency
    and {{ date_on }} >= {{ rates }}.valid_from_on
    and {{ date_on }} < {{ rates }}.valid_to_on
{%- endmacro %}

{# What the goods of a line cost, given what one unit does. Money given back alone costs none. #}
{% macro goods_cost(line_kind, quantity, unit_cost) -%}
    cast(
        case {{ line_kind }}
            when 'sale' then abs({{ quantity }}) * {{ unit_cost }}
            when 'refund' then case when {{ is_connected('product_prices') }} then 0 end
            else -abs({{ quantity }}) * {{ unit_cost }}
        end as decimal(18, 2)
    )
{%- endmacro %}
