with

payments as (
    select
        *,
        {{ system_key('order_key', 'order_system') }} as order_id,
        {{ business_date('paid_at') }} as paid_on
    from {{ ref('stg_files__payments') }}
),

orders as (
    select
        order_id,
        customer_id
    from {{ ref('fct_orders') }}
),

rates as (select * from {{ ref('int_currency_rates__dated') }}),

final as (
    select
        {{ system_key('payments.source_key', 'payments.source_system') }} as payment_id,
        payments.order_id,
        orders.customer_id,
        payments.method,
        payments.status,
        {{ in_company_currency('payments.amount', 'payments.currency', 'rates.rate') }}
            as amount,
        {{ company_currency() }} as currency,
        payments.amount as original_amount,
        coalesce(payments.currency, {{ company_currency() }}) as original_currency,
        payments.paid_on,
        payments.paid_at,
        payments.known_at,
        payments.loaded_at
    from payments
    left join orders on payments.order_id = orders.order_id
    left join rates on {{ has_rate('rates', 'payments.currency', 'payments.paid_on') }}
)

select * from final
