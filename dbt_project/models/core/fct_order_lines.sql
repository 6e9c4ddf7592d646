-- noqa: disable=LT02,LT09
-- Lines of completed orders. Summing them is always right: lines of cancelled and test orders are
-- counted in fct_orders only, and deleted here when their header arrives after them.
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='order_line_id',
    on_schema_change='fail',
    post_hook="
        delete from {{ this }} where order_id in (
            select source_system || '|' || order_key from {{ ref('int_orders__united') }}
            where coalesce(status, 'completed') <> 'completed'
        )
    ",
) }}
-- depends_on: {{ ref('dim_products') }}
-- depends_on: {{ ref('int_identity__resolved') }}
-- depends_on: {{ ref('int_order_lines__united') }}

with

resolved_lines as (
    select * from {{ ref('int_order_lines__resolved') }}
),

{% if is_incremental() %}

kept_orders as (
    select order_id, max(header_loaded_at) as header_loaded_at from {{ this }}
group by order_id
),

kept_records as (
    select record_id, customer_id from {{ this }}
group by record_id, customer_id
),

kept_products as (
    select product_id, department, category from {{ this }}
    group by product_id, department, category
),

loads as (
    select loaded_at from {{ new_loads(ref('int_order_lines__united')) }} as loads
),

-- A header that is new or restated: its customer, store and status reach its lines.
headers as (
    select {{ system_key('orders.order_key', 'orders.source_system') }} as order_id
    from {{ ref('int_orders__united') }} as orders
    left join kept_orders
        on {{ system_key('orders.order_key', 'orders.source_system') }} = kept_orders.order_id
    where orders.loaded_at is distinct from kept_orders.header_loaded_at
),

-- A person merged or parted.
records as (
    select kept_records.record_id
    from kept_records
    inner join {{ ref('int_identity__resolved') }} as resolved
        on kept_records.record_id = resolved.record_id
    where kept_records.customer_id is distinct from resolved.customer_id
),

-- A product that came into the catalogue, or moved in it.
products as (
    select kept_products.product_id
    from kept_products
    inner join {{ ref('dim_products') }} as dim_products
        on kept_products.product_id = dim_products.product_id
    where
        kept_products.department is distinct from dim_products.department
        or kept_products.category is distinct from dim_products.category
),

{% endif %}

final as (
    select
        order_line_id,
        order_id,
        line_number,
        source_system,
        record_id,
        customer_id,
        product_id,
        department,
        category,
        store_id,
        channel,
        line_kind,
        quantity,
        raw_quantity,
        net_amount,
        retail_discount_amount,
        coupon_discount_amount,
        coupon_match_discount_amount,
        currency,
        ordered_on,
        ordered_at,
        known_at,
        loaded_at,
        header_loaded_at
    from resolved_lines
    where
        order_status = 'completed'
        {% if is_incremental() %}
            and (
                loaded_at in (select loaded_at from loads)
                or order_id in (select order_id from headers)
                or record_id in (select record_id from records)
                or product_id in (select product_id from products)
            )
        {% endif %}
)

select * from final
