-- Before the first rate of a currency, the first one holds.
with

rates as (
    select
        currency,
        valid_from_on,
        rate,
        lag(valid_from_on) over (partition by currency order by valid_from_on) as previous_from_on,
        lead(valid_from_on) over (partition by currency order by valid_from_on) as next_from_on
    from {{ ref('currency_rates') }}
    where into_currency = {{ company_currency() }}
),

final as (
    select
        currency,
        case when previous_from_on is null then date '1900-01-01' else valid_from_on end
            as valid_from_on,
        coalesce(next_from_on, date '9999-12-31') as valid_to_on,
        rate
    from rates
)

select * from final
