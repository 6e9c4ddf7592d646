with

carts as (
    select * from {{ ref('fct_carts') }}
),

products as (
    select
        product_id,
        product_name
    from {{ ref('dim_products') }}
),

final as (
    select
        carts.customer_id,
        carts.cart_id,
        carts.source_system,
        carts.status,
        carts.converted_by,
        carts.cart_url,
        cast(carts.item_count as bigint) as item_count,
        products.product_name,
        carts.total_amount,
        carts.currency,
        carts.created_on,
        {{ business_date('carts.changed_at') }} as changed_on,
        carts.abandoned_at
    from carts
    left join products on carts.product_id = products.product_id
    where carts.customer_id is not null and carts.created_on <= {{ as_of_date() }}
)

select * from final
