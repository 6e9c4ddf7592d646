with

invoices as (
    select
        *,
        {{ system_key('customer_key', 'customer_system') }} as record_id,
        {{ system_key('order_key', 'order_system') }} as order_id,
        {{ business_date('invoiced_at') }} as invoiced_on
    from {{ ref('stg_files__invoices') }}
),

orders as (
    select
        order_id,
        customer_id
    from {{ ref('fct_orders') }}
),

resolved as (
    select
        record_id,
        customer_id
    from {{ ref('int_identity__resolved') }}
),

rates as (select * from {{ ref('int_currency_rates__dated') }}),

final as (
    select
        {{ system_key('invoices.source_key', 'invoices.source_system') }} as invoice_id,
        invoices.order_id,
        coalesce(resolved.customer_id, orders.customer_id) as customer_id,
        {{ in_company_currency('invoices.total_amount', 'invoices.currency', 'rates.rate') }}
            as total_amount,
        {{ company_currency() }} as currency,
        invoices.total_amount as original_total_amount,
        coalesce(invoices.currency, {{ company_currency() }}) as original_currency,
        invoices.invoiced_on,
        invoices.invoiced_at,
        invoices.known_at,
        invoices.loaded_at
    from invoices
    left join resolved on invoices.record_id = resolved.record_id
    left join orders on invoices.order_id = orders.order_id
    left join rates on {{ has_rate('rates', 'invoices.currency', 'invoices.invoiced_on') }}
)

select * from final
