with

order_lines as (
    select
        customer_id,
        order_id,
        department,
        category,
        net_amount,
        line_kind,
        ordered_on,
        product_id
    from {{ ref('fct_order_lines') }}
    where customer_id is not null and ordered_on <= {{ as_of_date() }}
),

private_label_products as (
    select dim_products.product_id
    from {{ ref('dim_products') }} as dim_products
    inner join {{ ref('private_label_brands') }} as private_label_brands
        on dim_products.brand = private_label_brands.brand
),

final as (
    select
        order_lines.customer_id,
        order_lines.department,
        order_lines.category,
        count(distinct order_lines.order_id) filter (where order_lines.line_kind = 'sale')
            as order_count,
        sum(order_lines.net_amount) as net_amount,
        coalesce(
            sum(order_lines.net_amount)
            filter (where private_label_products.product_id is not null),
            0
        ) as private_label_net_amount,
        min(order_lines.ordered_on) filter (where order_lines.line_kind = 'sale')
            as first_ordered_on,
        max(order_lines.ordered_on) filter (where order_lines.line_kind = 'sale') as last_ordered_on
    from order_lines
    left join private_label_products on order_lines.product_id = private_label_products.product_id
    group by order_lines.customer_id, order_lines.department, order_lines.category
)

select * from final
