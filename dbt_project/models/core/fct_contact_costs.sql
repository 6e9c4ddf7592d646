with

costs as (select * from {{ ref('stg_files__contact_costs') }}),

rates as (select * from {{ ref('int_currency_rates__dated') }}),

final as (
    select
        {{ system_key('costs.source_key', 'costs.source_system') }} as contact_cost_id,
        costs.channel,
        {{ system_key('costs.campaign_key', 'costs.campaign_system') }} as campaign_id,
        cast(
            case
                when coalesce(costs.currency, {{ company_currency() }}) = {{ company_currency() }}
                    then costs.unit_cost_amount
                else costs.unit_cost_amount * rates.rate
            end as decimal(18, 4)
        ) as unit_cost_amount,
        {{ company_currency() }} as currency,
        costs.valid_from_on,
        coalesce(
            lead(costs.valid_from_on) over (
                partition by costs.channel, costs.campaign_system, costs.campaign_key
                order by costs.valid_from_on, costs.source_key
            ),
            date '9999-12-31'
        ) as valid_to_on,
        costs.known_at,
        costs.loaded_at
    from costs
    left join rates on {{ has_rate('rates', 'costs.currency', 'costs.valid_from_on') }}
)

select * from final
