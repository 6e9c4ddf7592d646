-- The ticket's header fills what its lines do not say.
with

order_lines as (
    select
        *,
        {{ system_key('customer_key', 'customer_system') }} as record_id,
        {{ system_key('store_key', 'store_system') }} as store_id,
        {{ business_date('ordered_at') }} as ordered_on
    from {{ ref('int_order_lines__united') }}
),

orders as (
    select
        order_system,
        order_key,
        {{ system_key(
            'coalesce(customer_key, ' ~ guest_key('email') ~ ')', 'customer_system'
        ) }} as record_id,
        {{ system_key('store_key', 'store_system') }} as store_id,
        channel,
        coalesce(status, 'completed') as status,
        currency,
        known_at,
        loaded_at
    from {{ ref('int_orders__united') }}
),

rates as (select * from {{ ref('int_currency_rates__dated') }}),

headed as (
    select
        order_lines.*,
        coalesce(order_lines.record_id, orders.record_id) as any_record_id,
        coalesce(order_lines.store_id, orders.store_id) as any_store_id,
        coalesce(order_lines.channel, orders.channel) as any_channel,
        coalesce(order_lines.currency, orders.currency, {{ company_currency() }}) as any_currency,
        coalesce(orders.status, 'completed') as order_status,
        greatest(order_lines.known_at, orders.known_at) as all_known_at,
        orders.loaded_at as header_loaded_at
    from order_lines
    left join orders
        on
            order_lines.order_system = orders.order_system
            and order_lines.order_key = orders.order_key
),

final as (
    select
        headed.source_system,
        {{ system_key('headed.source_key', 'headed.source_system') }} as order_line_id,
        {{ system_key('headed.order_key', 'headed.order_system') }} as order_id,
        headed.line_number,
        headed.line_kind,
        headed.order_status,
        headed.any_record_id as record_id,
        {{ system_key('headed.product_key', 'headed.product_system') }} as product_id,
        headed.any_store_id as store_id,
        coalesce(
            headed.any_channel,
            case when headed.any_store_id is null then 'web' else 'store' end
        ) as channel,
        headed.quantity as raw_quantity,
        {% for amount in [
            'net_amount', 'retail_discount_amount', 'coupon_discount_amount',
            'coupon_match_discount_amount',
        ] %}
            {{ in_company_currency('headed.' ~ amount, 'headed.any_currency', 'rates.rate') }}
                as {{ amount }},
        {% endfor %}
        headed.net_amount as original_net_amount,
        headed.any_currency as original_currency,
        headed.ordered_at,
        headed.ordered_on,
        headed.all_known_at as known_at,
        headed.loaded_at,
        headed.header_loaded_at
    from headed
    left join rates on {{ has_rate('rates', 'headed.any_currency', 'headed.ordered_on') }}
)

select * from final
