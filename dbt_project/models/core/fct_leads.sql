with

leads as (
    select
        *,
        {{ system_key('customer_key', 'customer_system') }} as record_id,
        {{ business_date('created_at') }} as created_on
    from {{ ref('stg_files__leads') }}
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
        {{ system_key('leads.lead_key', 'leads.source_system') }} as lead_id,
        resolved.customer_id,
        {{ system_key('leads.company_key', 'leads.source_system') }} as company_id,
        {{ system_key('leads.parent_lead_key', 'leads.source_system') }} as parent_lead_id,
        {{ system_key('leads.product_key', 'leads.product_system') }} as product_id,
        leads.lead_type,
        leads.origin,
        leads.stage,
        leads.seller_key,
        {{ in_company_currency('leads.expected_amount', 'leads.currency', 'rates.rate') }}
            as expected_amount,
        {{ company_currency() }} as currency,
        leads.expected_amount as original_expected_amount,
        coalesce(leads.currency, {{ company_currency() }}) as original_currency,
        leads.stage not in ('won', 'lost') as is_open,
        leads.created_on,
        leads.created_at,
        leads.closed_at,
        leads.known_at,
        leads.loaded_at
    from leads
    left join resolved on leads.record_id = resolved.record_id
    left join rates on {{ has_rate('rates', 'leads.currency', 'leads.created_on') }}
)

select * from final
