with

-- Lines of cancelled and test orders are read here only.
lines as (
    select
        order_id,
        'completed' as order_status,
        source_system,
        customer_id,
        store_id,
        channel,
        currency,
        line_kind,
        net_amount,
        retail_discount_amount,
        coupon_discount_amount,
        coupon_match_discount_amount,
        cost_amount,
        original_net_amount,
        original_currency,
        ordered_at,
        known_at,
        loaded_at
    from {{ ref('fct_order_lines') }}
    union all
    select
        order_id,
        order_status,
        source_system,
        customer_id,
        store_id,
        channel,
        currency,
        line_kind,
        net_amount,
        retail_discount_amount,
        coupon_discount_amount,
        coupon_match_discount_amount,
        cost_amount,
        original_net_amount,
        original_currency,
        ordered_at,
        known_at,
        loaded_at
    from {{ ref('int_order_lines__resolved') }}
    where order_status <> 'completed'
),

final as (
    select
        order_id,
        min(order_status) as order_status,
        min(source_system) as source_system,
        min(customer_id) as customer_id,
        min(store_id) as store_id,
        min(channel) as channel,
        min(currency) as currency,
        count(*) as line_count,
        count(*) filter (where line_kind = 'sale') as sale_line_count,
        -- No line has a rate: the amount is unknown, not nothing.
        case
            when count(net_amount) > 0
                then coalesce(sum(net_amount) filter (where line_kind = 'sale'), 0)
        end as sale_amount,
        case
            when count(net_amount) > 0
                then coalesce(-sum(net_amount) filter (where line_kind <> 'sale'), 0)
        end as returned_amount,
        sum(retail_discount_amount) as retail_discount_amount,
        sum(coupon_discount_amount + coupon_match_discount_amount) as coupon_amount,
        sum(cost_amount) as cost_amount,
        sum(net_amount - cost_amount) as margin_amount,
        min(original_currency) as original_currency,
        case
            when min(original_currency) = max(original_currency) then sum(original_net_amount)
        end as original_net_amount,
        min(ordered_at) as ordered_at,
        max(known_at) as known_at,
        max(loaded_at) as loaded_at
    from lines
    group by order_id
)

select * from final
