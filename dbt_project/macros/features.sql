{#- The cut-off as an instant: local midnight of a date, as a naive UTC timestamp. -#}
{% macro local_midnight_utc(date_expression) -%}
    timezone('UTC', timezone('{{ time_zone() }}', cast({{ date_expression }} as timestamp)))
{%- endmacro %}

{#- The local hour of a naive UTC timestamp. -#}
{% macro local_hour(timestamp_expression) -%}
    hour(timezone('{{ time_zone() }}', timezone('UTC', {{ timestamp_expression }})))
{%- endmacro %}

{#-
  The cut-offs that this model must (re)build: absent from it, or computed before they were last
  asked for. The others are never touched. `computed_at` is never earlier than the wish it answers,
  so a wish is answered once.
-#}
{% macro wanted_cut_offs() %}
    select
        cut_offs.as_of_date,
        {{ local_midnight_utc('cut_offs.as_of_date') }} as cut_off_at,
        greatest(cut_offs.wanted_since, run.started_at) as computed_at
    from {{ source('raw_control', 'cut_offs') }} as cut_offs
    cross join {{ source('raw_control', 'run') }} as run
    where
        cut_offs.as_of_date <= run.as_of_date
        {% if is_incremental() %}
        and not exists (
            select 1
            from {{ this }} as built
            where
                built.as_of_date = cut_offs.as_of_date
                and built.computed_at >= cut_offs.wanted_since
        )
        {% endif %}
{% endmacro %}

{#- Each product as its catalogue described it at the cut-off. -#}
{% macro known_products(cut_offs) %}
    select
        product_cut_offs.as_of_date,
        versions.product_id,
        versions.department,
        versions.category,
        private_label_brands.brand is not null as is_private_label
    from {{ ref('int_products__versioned') }} as versions
    inner join {{ cut_offs }} as product_cut_offs
        on
            versions.valid_from < product_cut_offs.cut_off_at
            and coalesce(versions.valid_to, timestamp '9999-12-31') >= product_cut_offs.cut_off_at
    left join {{ ref('private_label_brands') }} as private_label_brands
        on versions.brand = private_label_brands.brand
{% endmacro %}

{#-
  The sale lines a person standing at the cut-off could know: sold before it and known before it,
  with the product as its catalogue described it then. Amounts stay decimal: sums of binary floats
  would differ in the last bit with the order of the threads. One year back, so that no feature is a total
  that grows with the age of the company.
-#}
{% macro known_order_lines(cut_offs, with_products=true) %}
    select
        cut_offs.as_of_date,
        cut_offs.computed_at,
        order_lines.customer_id,
        order_lines.order_id,
        order_lines.store_id,
        order_lines.ordered_at,
        order_lines.ordered_on,
        {{ day_difference('order_lines.ordered_on', 'cut_offs.as_of_date') }} as days_ago,
        {% if with_products %}
        products.department,
        products.category,
        products.is_private_label,
        {% endif %}
        order_lines.net_amount,
        order_lines.retail_discount_amount,
        order_lines.coupon_discount_amount + order_lines.coupon_match_discount_amount
            as coupon_discount_amount
    from {{ cut_offs }} as cut_offs
    inner join {{ ref('fct_order_lines') }} as order_lines
        on
            order_lines.ordered_on < cut_offs.as_of_date
            and order_lines.ordered_on >= {{ days_before('cut_offs.as_of_date', 365) }}
            and order_lines.known_at < cut_offs.cut_off_at
    {% if with_products %}
    left join ({{ known_products(cut_offs) }}) as products
        on
            order_lines.product_id = products.product_id
            and cut_offs.as_of_date = products.as_of_date
    {% endif %}
    where
        order_lines.line_kind = 'sale'
        and order_lines.customer_id is not null
{% endmacro %}
