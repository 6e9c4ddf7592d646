with

bought as (
    select * from {{ ref('int_customer_categories__bought') }}
),

scores as (
    select
        customer_id,
        subject,
        probability,
        percentile,
        used
    from {{ source('ml', 'scores') }}
    where score = 'appetence'
),

-- A category may lie in several departments; orders are counted per department, so a ticket with
-- both counts twice at most where the catalogue itself splits the category.
categories as (
    select
        customer_id,
        category,
        sum(order_count) as order_count,
        sum(net_amount) as net_amount,
        min(first_ordered_on) as first_ordered_on,
        max(last_ordered_on) as last_ordered_on,
        sum(sum(net_amount)) over (partition by customer_id) as customer_net_amount
    from bought
    group by customer_id, category
),

-- Scored without having been bought: the row that an appetence segment looks for.
joined as (
    select
        coalesce(categories.customer_id, scores.customer_id) as customer_id,
        coalesce(categories.category, scores.subject) as category,
        coalesce(categories.order_count, 0) as order_count,
        coalesce(categories.net_amount, 0) as net_amount,
        categories.customer_net_amount,
        categories.first_ordered_on,
        categories.last_ordered_on,
        scores.probability,
        scores.percentile,
        coalesce(scores.used, false) as is_used
    from categories
    full outer join scores
        on categories.customer_id = scores.customer_id and categories.category = scores.subject
),

final as (
    select
        customer_id,
        category,
        cast(order_count as bigint) as order_count,
        cast(net_amount as decimal(18, 2)) as net_amount,
        {{ company_currency() }} as currency,
        first_ordered_on,
        last_ordered_on,
        cast({{ day_difference('last_ordered_on', as_of_date()) }} as bigint)
            as days_since_last_order,
        coalesce(last_ordered_on >= {{ days_before(as_of_date(), 28) }}, false)
            as is_bought_in_28_days,
        case
            when customer_net_amount > 0
                then cast(net_amount as double) / cast(customer_net_amount as double)
        end as share_of_net_amount,
        case when is_used then probability end as appetence_probability,
        case when is_used then percentile end as appetence_percentile,
        is_used as is_appetence_model_used
    from joined
    where category is not null
)

select * from final
