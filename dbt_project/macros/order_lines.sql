{# Which order lines that `this` keeps something said later changes (core.fct_order_lines). #}

{# What it should keep, line by line, before anything costly is joined. #}
{% macro completed_lines() -%}
    (
        select headed.loaded_at
        from {{ ref('int_order_lines__headed') }} as headed
        left join {{ ref('int_identity__records') }} as tests
            on headed.record_id = tests.record_id and tests.is_test
        where headed.order_status = 'completed' and tests.record_id is null
    )
{%- endmacro %}

{# Records whose person merged or parted. #}
{% macro changed_records() -%}
    (
        select kept.record_id
        from (select record_id, customer_id from {{ this }} group by record_id, customer_id) as kept
        inner join {{ ref('int_identity__resolved') }} as resolved
            on kept.record_id = resolved.record_id
        where kept.customer_id is distinct from resolved.customer_id
    )
{%- endmacro %}

{# Products that came into the catalogue, or moved in it. #}
{% macro changed_products() -%}
    (
        select kept.product_id
        from (
            select product_id, department, category
            from {{ this }}
            group by product_id, department, category
        ) as kept
        inner join {{ ref('dim_products') }} as dim_products
            on kept.product_id = dim_products.product_id
        where
            kept.department is distinct from dim_products.department
            or kept.category is distinct from dim_products.category
    )
{%- endmacro %}

{# Lines whose goods cost something else, or whose foreign amount is worth something else. #}
{% macro changed_amounts() -%}
    (
        select kept.order_line_id
        from {{ this }} as kept
        left join {{ ref('int_product_prices__dated') }} as prices
            on
                kept.product_id = prices.product_id
                and kept.ordered_on >= prices.valid_from_on
                and kept.ordered_on < prices.valid_to_on
        left join {{ ref('int_currency_rates__dated') }} as rates
            on {{ has_rate('rates', 'kept.original_currency', 'kept.ordered_on') }}
        where
            kept.cost_amount is distinct from
            {{ goods_cost('kept.line_kind', 'kept.quantity', 'prices.cost_amount') }}
            or kept.net_amount is distinct from
            {{ in_company_currency(
                'kept.original_net_amount', 'kept.original_currency', 'rates.rate'
            ) }}
    )
{%- endmacro %}
