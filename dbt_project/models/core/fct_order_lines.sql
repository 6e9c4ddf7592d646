-- noqa: disable=LT02,LT09
-- Lines of completed orders. Summing them is always right: lines of cancelled and test orders are
-- counted in fct_orders only, and taken out here when their header says so after them.
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='order_line_id',
    on_schema_change='fail',
    pre_hook="
        {% if is_incremental() %}
            delete from {{ this }}
            where
                order_id in (
                    select order_system || '|' || order_key from {{ ref('int_orders__united') }}
                    where coalesce(status, 'completed') <> 'completed'
                )
                or record_id in (
                    select record_id from {{ ref('int_identity__records') }} where is_test
                )
                or order_line_id in (
                    select order_line_id from {{ ref('stg_files__deleted_order_lines') }}
                )
        {% endif %}
    ",
) }}
-- depends_on: {{ ref('dim_products') }}
-- depends_on: {{ ref('int_currency_rates__dated') }}
-- depends_on: {{ ref('int_identity__records') }}
-- depends_on: {{ ref('int_identity__resolved') }}
-- depends_on: {{ ref('int_order_lines__headed') }}
-- depends_on: {{ ref('int_orders__united') }}
-- depends_on: {{ ref('int_product_prices__dated') }}
-- depends_on: {{ ref('stg_files__deleted_order_lines') }}

with

resolved_lines as (
    select * from {{ ref('int_order_lines__resolved') }}
),

{% if is_incremental() %}

kept_orders as (
    select order_id, max(header_loaded_at) as header_loaded_at from {{ this }}
group by order_id
),

loads as (
    select loaded_at from {{ new_loads(completed_lines()) }} as loads
),

-- A header that is new or restated: its customer, store and status reach its lines.
headers as (
    select {{ system_key('orders.order_key', 'orders.order_system') }} as order_id
    from {{ ref('int_orders__united') }} as orders
    left join kept_orders
        on {{ system_key('orders.order_key', 'orders.order_system') }} = kept_orders.order_id
    where orders.loaded_at is distinct from kept_orders.header_loaded_at
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
        cost_amount,
        cast(net_amount - cost_amount as decimal(18, 2)) as margin_amount,
        currency,
        original_net_amount,
        original_currency,
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
                or record_id in (select record_id from {{ changed_records() }} as records)
                or product_id in (select product_id from {{ changed_products() }} as products)
                or order_line_id in (select order_line_id from {{ changed_amounts() }} as lines)
            )
        {% endif %}
)

select * from final
