with

order_lines as (
    select * from {{ ref('int_order_lines__united') }}
),

orders as (
    select
        source_system,
        order_key,
        coalesce(customer_key, {{ guest_key('email') }}) as customer_key,
        store_key,
        channel,
        coalesce(status, 'completed') as status,
        currency,
        known_at,
        loaded_at
    from {{ ref('int_orders__united') }}
),

resolved as (
    select
        record_id,
        customer_id
    from {{ ref('int_identity__resolved') }}
),

products as (
    select
        {{ system_key('product_key') }} as product_id,
        department,
        category
    from {{ ref('int_products__united') }}
),

quantity_units as (
    select
        department,
        raw_units_per_unit,
        highest_raw_unit_price
    from {{ ref('quantity_units') }}
),

-- The ticket's header fills what its lines do not say.
headed as (
    select
        order_lines.source_system,
        order_lines.source_key,
        order_lines.order_key,
        order_lines.line_number,
        order_lines.line_kind,
        order_lines.quantity as raw_quantity,
        order_lines.net_amount,
        order_lines.retail_discount_amount,
        order_lines.coupon_discount_amount,
        order_lines.coupon_match_discount_amount,
        order_lines.ordered_at,
        order_lines.loaded_at,
        coalesce(order_lines.customer_key, orders.customer_key) as customer_key,
        coalesce(order_lines.store_key, orders.store_key) as store_key,
        coalesce(order_lines.channel, orders.channel) as channel,
        coalesce(order_lines.currency, orders.currency, {{ company_currency() }}) as currency,
        coalesce(orders.status, 'completed') as order_status,
        greatest(order_lines.known_at, orders.known_at) as known_at,
        orders.loaded_at as header_loaded_at,
        {{ system_key('order_lines.product_key', 'order_lines.source_system') }} as product_id
    from order_lines
    left join orders
        on
            order_lines.source_system = orders.source_system
            and order_lines.order_key = orders.order_key
),

final as (
    select
        headed.source_system,
        {{ system_key('headed.source_key', 'headed.source_system') }} as order_line_id,
        {{ system_key('headed.order_key', 'headed.source_system') }} as order_id,
        headed.line_number,
        headed.order_status,
        resolved.record_id,
        resolved.customer_id,
        headed.product_id,
        products.department,
        products.category,
        {{ system_key('headed.store_key', 'headed.source_system') }} as store_id,
        coalesce(headed.channel, case when headed.store_key is null then 'web' else 'store' end)
            as channel,
        headed.line_kind,
        headed.raw_quantity,
        -- Some tills count some goods in thousandths. In the departments of the seed, a price per
        -- counted unit too low to be a price gives them away (fuel: 0.002 against 0.2 and more).
        cast(
            case
                when
                    headed.net_amount <> 0
                    and abs(headed.net_amount)
                    < abs(headed.raw_quantity) * quantity_units.highest_raw_unit_price
                    then headed.raw_quantity / quantity_units.raw_units_per_unit
                else headed.raw_quantity
            end as decimal(18, 3)
        ) as quantity,
        headed.net_amount,
        coalesce(headed.retail_discount_amount, 0) as retail_discount_amount,
        coalesce(headed.coupon_discount_amount, 0) as coupon_discount_amount,
        coalesce(headed.coupon_match_discount_amount, 0) as coupon_match_discount_amount,
        headed.currency,
        headed.ordered_at,
        {{ business_date('headed.ordered_at') }} as ordered_on,
        headed.known_at,
        headed.loaded_at,
        headed.header_loaded_at
    from headed
    left join resolved
        on headed.source_system || '|' || headed.customer_key = resolved.record_id
    left join products on headed.product_id = products.product_id
    left join quantity_units on products.department = quantity_units.department
)

select * from final
