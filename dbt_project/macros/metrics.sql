{# What each metric means, said once. Each reads rows of core.fct_orders unless it says otherwise. #}

{# Sales less what was given back, of completed orders, in the company's currency. #}
{% macro net_revenue(orders, where='true') -%}
    cast(
        coalesce(
            sum({{ orders }}.net_amount)
            filter (where {{ orders }}.status = 'completed' and {{ where }}),
            0
        ) as decimal(18, 2)
    )
{%- endmacro %}

{# People who bought something; anonymous tickets count nobody. #}
{% macro active_customers(orders) -%}
    count(distinct {{ orders }}.customer_id) filter (where {{ orders }}.is_purchase)
{%- endmacro %}

{# Share of those who could that did; null when nobody could. Both are counts of people or visits. #}
{% macro conversion_rate(converted_count, reached_count) -%}
    cast({{ converted_count }} as double) / nullif({{ reached_count }}, 0)
{%- endmacro %}
