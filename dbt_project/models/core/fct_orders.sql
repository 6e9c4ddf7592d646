with

headers as (
    select
        *,
        {{ system_key('order_key') }} as order_id,
        {{ system_key('coalesce(customer_key, ' ~ guest_key('email') ~ ')') }} as record_id
    from {{ ref('int_orders__united') }}
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
        coalesce(summed.order_id, headers.order_id) as order_id,
        coalesce(summed.source_system, headers.source_system) as source_system,
        coalesce(summed.customer_id, resolved.customer_id) as customer_id,
        coalesce(summed.store_id, {{ system_key('headers.store_key', 'headers.source_system') }})
            as store_id,
        coalesce(
            summed.channel,
            headers.channel,
            case when headers.store_key is null then 'web' else 'store' end
        ) as channel,
        coalesce(summed.currency, headers.currency, {{ company_currency() }}) as currency,
        coalesce(headers.status, 'completed') as status,
        coalesce(summed.line_count, 0) as line_count,
        -- A ticket that only gives money back is no purchase; one for nothing is.
        case
            when summed.order_id is not null then summed.sale_line_count > 0
            else coalesce(headers.total_amount, 0) >= 0
        end as has_sale,
        coalesce(summed.sale_amount, greatest(headers.total_amount, 0)) as sale_amount,
        coalesce(summed.returned_amount, greatest(-headers.total_amount, 0)) as returned_amount,
        summed.retail_discount_amount,
        summed.coupon_amount,
        coalesce(headers.ordered_at, summed.ordered_at) as ordered_at,
        greatest(summed.known_at, headers.known_at) as known_at,
        greatest(summed.loaded_at, headers.loaded_at) as loaded_at
    from summed
    full outer join headers on summed.order_id = headers.order_id
    left join resolved on headers.record_id = resolved.record_id
),

final as (
    select
        order_id,
        source_system,
        customer_id,
        store_id,
        channel,
        currency,
        status,
        line_count,
        cast(sale_amount as decimal(18, 2)) as sale_amount,
        cast(returned_amount as decimal(18, 2)) as returned_amount,
        cast(sale_amount - returned_amount as decimal(18, 2)) as net_amount,
        cast(retail_discount_amount + coupon_amount as decimal(18, 2)) as discount_amount,
        cast(coupon_amount as decimal(18, 2)) as coupon_discount_amount,
        coalesce(coupon_amount > 0, false) as has_coupon,
        status = 'completed' and has_sale as is_purchase,
        {{ business_date('ordered_at') }} as ordered_on,
        ordered_at,
        known_at,
        loaded_at
    from joined
)

select * from final
