with

rates as (select * from {{ ref('int_currency_rates__dated') }}),

tests as (
    select record_id from {{ ref('int_identity__records') }}
    where is_test
),

headers as (
    select
        *,
        {{ system_key('order_key', 'order_system') }} as order_id,
        {{ system_key(
            'coalesce(customer_key, ' ~ guest_key('email') ~ ')', 'customer_system'
        ) }} as record_id,
        {{ system_key('store_key', 'store_system') }} as store_id,
        coalesce(currency, {{ company_currency() }}) as original_currency
    from {{ ref('int_orders__united') }}
),

stated as (
    select
        headers.*,
        case when tests.record_id is null then coalesce(headers.status, 'completed') else 'test' end
            as header_status,
        {{ in_company_currency('headers.total_amount', 'headers.currency', 'rates.rate') }}
            as amount
    from headers
    left join tests on headers.record_id = tests.record_id
    left join rates
        on {{ has_rate('rates', 'headers.currency', business_date('headers.ordered_at')) }}
),

resolved as (
    select
        record_id,
        customer_id
    from {{ ref('int_identity__resolved') }}
),

summed as (
    select * from {{ ref('int_orders__summed') }}
),

-- The lines say the amount when there are lines, else the header does.
joined as (
    select
        coalesce(summed.order_id, stated.order_id) as order_id,
        coalesce(summed.source_system, stated.source_system) as source_system,
        coalesce(summed.customer_id, resolved.customer_id) as customer_id,
        coalesce(summed.store_id, stated.store_id) as store_id,
        coalesce(
            summed.channel,
            stated.channel,
            case when stated.store_key is null then 'web' else 'store' end
        ) as channel,
        coalesce(stated.header_status, summed.order_status, 'completed') as status,
        coalesce(summed.line_count, 0) as line_count,
        -- A ticket that only gives money back is no purchase; one for nothing is.
        case
            when summed.order_id is not null then summed.sale_line_count > 0
            else coalesce(stated.amount, 0) >= 0
        end as has_sale,
        case
            when summed.order_id is not null then summed.sale_amount
            when stated.amount < 0 then 0
            else stated.amount
        end as sale_amount,
        case
            when summed.order_id is not null then summed.returned_amount
            when stated.amount is not null then greatest(-stated.amount, 0)
        end as returned_amount,
        summed.retail_discount_amount,
        summed.coupon_amount,
        summed.cost_amount,
        summed.margin_amount,
        coalesce(summed.original_currency, stated.original_currency) as original_currency,
        case
            when summed.order_id is null then stated.total_amount
            else summed.original_net_amount
        end as original_net_amount,
        coalesce(stated.ordered_at, summed.ordered_at) as ordered_at,
        greatest(summed.known_at, stated.known_at) as known_at,
        greatest(summed.loaded_at, stated.loaded_at) as loaded_at
    from summed
    full outer join stated on summed.order_id = stated.order_id
    left join resolved on stated.record_id = resolved.record_id
),

final as (
    select
        order_id,
        source_system,
        customer_id,
        store_id,
        channel,
        {{ company_currency() }} as currency,
        status,
        line_count,
        cast(sale_amount as decimal(18, 2)) as sale_amount,
        cast(returned_amount as decimal(18, 2)) as returned_amount,
        cast(sale_amount - returned_amount as decimal(18, 2)) as net_amount,
        cast(retail_discount_amount + coupon_amount as decimal(18, 2)) as discount_amount,
        cast(coupon_amount as decimal(18, 2)) as coupon_discount_amount,
        cast(cost_amount as decimal(18, 2)) as cost_amount,
        cast(margin_amount as decimal(18, 2)) as margin_amount,
        original_currency,
        cast(original_net_amount as decimal(18, 2)) as original_net_amount,
        coalesce(coupon_amount > 0, false) as has_coupon,
        status = 'completed' and has_sale as is_purchase,
        {{ business_date('ordered_at') }} as ordered_on,
        ordered_at,
        known_at,
        loaded_at
    from joined
)

select * from final
