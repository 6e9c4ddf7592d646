with

quotes as (
    select
        *,
        {{ system_key('customer_key', 'customer_system') }} as record_id,
        {{ system_key('lead_key') }} as lead_id,
        {{ business_date('quoted_at') }} as quoted_on
    from {{ ref('stg_files__quotes') }}
),

fct_leads as (
    select
        lead_id,
        customer_id
    from {{ ref('fct_leads') }}
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
        {{ system_key('quotes.source_key', 'quotes.source_system') }} as quote_id,
        quotes.lead_id,
        coalesce(resolved.customer_id, fct_leads.customer_id) as customer_id,
        quotes.status,
        {{ in_company_currency('quotes.total_amount', 'quotes.currency', 'rates.rate') }}
            as total_amount,
        {{ company_currency() }} as currency,
        quotes.total_amount as original_total_amount,
        coalesce(quotes.currency, {{ company_currency() }}) as original_currency,
        quotes.quoted_on,
        quotes.quoted_at,
        quotes.known_at,
        quotes.loaded_at
    from quotes
    left join resolved on quotes.record_id = resolved.record_id
    left join fct_leads on quotes.lead_id = fct_leads.lead_id
    left join rates on {{ has_rate('rates', 'quotes.currency', 'quotes.quoted_on') }}
)

select * from final
