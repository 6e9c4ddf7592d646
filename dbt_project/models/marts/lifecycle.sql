with

customers as (
    select
        customer_id,
        relation
    from {{ ref('dim_customers') }}
),

staged as (
    select
        customer_id,
        lifecycle_stage,
        is_current
    from {{ ref('int_lifecycles__staged') }}
),

now_staged as (
    select
        customer_id,
        lifecycle_stage
    from staged
    where is_current
),

then_staged as (
    select
        customer_id,
        lifecycle_stage
    from staged
    where not is_current
),

-- Visitors are devices nobody is known behind: they are in marts.visitors, not here.
final as (
    select
        customers.customer_id,
        {{ as_of_date() }} as as_of_date,
        coalesce(
            now_staged.lifecycle_stage,
            case
                when customers.relation in ('account', 'subscriber') then 'prospect'
                else 'lead'
            end
        ) as lifecycle_stage,
        then_staged.lifecycle_stage as previous_lifecycle_stage
    from customers
    left join now_staged on customers.customer_id = now_staged.customer_id
    left join then_staged on customers.customer_id = then_staged.customer_id
)

select * from final
