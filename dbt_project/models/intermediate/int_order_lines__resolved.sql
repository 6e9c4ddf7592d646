with

order_lines as (select * from {{ ref('int_order_lines__headed') }}),

resolved as (
    select
        record_id,
        customer_id
    from {{ ref('int_identity__resolved') }}
),

tests as (
    select record_id from {{ ref('int_identity__records') }}
    where is_test
),

products as (
    select
        {{ system_key('product_key', 'product_system') }} as product_id,
        department,
        category
    from {{ ref('int_products__united') }}
),

prices as (
    select
        product_id,
        cost_amount,
        valid_from_on,
        valid_to_on
    from {{ ref('int_product_prices__dated') }}
),

quantity_units as (
    select
        department,
        raw_units_per_unit,
        highest_raw_unit_price
    from {{ ref('quantity_units') }}
),

counted as (
    select
        order_lines.*,
        case when tests.record_id is null then order_lines.order_status else 'test' end as status,
        resolved.customer_id,
        products.department,
        products.category,
        prices.cost_amount as unit_cost_amount,
        -- Some tills count some goods in thousandths. In the departments of the seed, a price per
        -- counted unit too low to be a price gives them away (fuel: 0.002 against 0.2 and more).
        cast(
            case
                when
                    order_lines.net_amount <> 0
                    and abs(order_lines.net_amount)
                    < abs(order_lines.raw_quantity) * quantity_units.highest_raw_unit_price
                    then order_lines.raw_quantity / quantity_units.raw_units_per_unit
                else order_lines.raw_quantity
            end as decimal(18, 3)
        ) as quantity
    from order_lines
    left join resolved on order_lines.record_id = resolved.record_id
    left join tests on order_lines.record_id = tests.record_id
    left join products on order_lines.product_id = products.product_id
    left join prices
        on
            order_lines.product_id = prices.product_id
            and order_lines.ordered_on >= prices.valid_from_on
            and order_lines.ordered_on < prices.valid_to_on
    left join quantity_units on products.department = quantity_units.department
),

final as (
    select
        source_system,
        order_line_id,
        order_id,
        line_number,
        status as order_status,
        record_id,
        customer_id,
        product_id,
        department,
        category,
        store_id,
        channel,
        line_kind,
        raw_quantity,
        quantity,
        net_amount,
        coalesce(retail_discount_amount, 0) as retail_discount_amount,
        coalesce(coupon_discount_amount, 0) as coupon_discount_amount,
        coalesce(coupon_match_discount_amount, 0) as coupon_match_discount_amount,
        {{ goods_cost('line_kind', 'quantity', 'unit_cost_amount') }} as cost_amount,
        {{ company_currency() }} as currency,
        original_net_amount,
        original_currency,
        ordered_at,
        ordered_on,
        known_at,
        loaded_at,
        header_loaded_at
    from counted
)

select * from final
