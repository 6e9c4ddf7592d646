with

bought as (
    select * from {{ ref('int_customer_categories__bought') }}
),

departments as (
    select
        customer_id,
        department
    from bought
    where department is not null
    group by customer_id, department
    qualify
        row_number() over (
            partition by customer_id order by sum(net_amount) desc, department asc
        ) = 1
),

-- A category may lie in several departments.
categories as (
    select
        customer_id,
        category,
        sum(order_count) as order_count,
        sum(net_amount) as net_amount
    from bought
    where category is not null and order_count > 0
    group by customer_id, category
),

favourites as (
    select
        customer_id,
        category,
        count(*) over (partition by customer_id) as category_count
    from categories
    qualify
        row_number() over (
            partition by customer_id order by order_count desc, net_amount desc, category asc
        ) = 1
),

summed as (
    select
        customer_id,
        sum(net_amount) as net_amount,
        sum(private_label_net_amount) as private_label_net_amount
    from bought
    group by customer_id
),

final as (
    select
        summed.customer_id,
        departments.department as main_department,
        favourites.category as favourite_category,
        coalesce(favourites.category_count, 0) as category_count,
        case
            when summed.net_amount > 0
                then
                    cast(summed.private_label_net_amount as double)
                    / cast(summed.net_amount as double)
        end as private_label_share
    from summed
    left join departments on summed.customer_id = departments.customer_id
    left join favourites on summed.customer_id = favourites.customer_id
)

select * from final
