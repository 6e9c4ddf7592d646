with

product_views as (
    select
        customer_id,
        product_id,
        viewed_on,
        viewed_at
    from {{ ref('fct_product_views') }}
    where viewed_on <= {{ as_of_date() }}
),

products as (
    select
        product_id,
        product_name,
        department,
        category,
        is_organic
    from {{ ref('dim_products') }}
),

final as (
    select
        product_views.customer_id,
        product_views.product_id,
        products.product_name,
        products.department,
        products.category,
        coalesce(products.is_organic, false) as is_organic,
        count(*) as view_count,
        min(product_views.viewed_on) as first_viewed_on,
        max(product_views.viewed_on) as last_viewed_on
    from product_views
    left join products on product_views.product_id = products.product_id
    group by
        product_views.customer_id, product_views.product_id,
        products.product_name, products.department, products.category, products.is_organic
)

select * from final
