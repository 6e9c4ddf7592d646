with

prices as (
    select
        {{ system_key('product_key', 'product_system') }} as product_id,
        valid_from_on,
        price_amount,
        cost_amount,
        currency,
        known_at
    from {{ ref('stg_files__product_prices') }}
    where valid_from_on <= {{ as_of_date() }}
),

rates as (select * from {{ ref('int_currency_rates__dated') }}),

final as (
    select
        prices.product_id,
        prices.valid_from_on,
        coalesce(
            lead(prices.valid_from_on) over (
                partition by prices.product_id order by prices.valid_from_on
            ),
            date '9999-12-31'
        ) as valid_to_on,
        {{ in_company_currency('prices.price_amount', 'prices.currency', 'rates.rate') }}
            as price_amount,
        {{ in_company_currency('prices.cost_amount', 'prices.currency', 'rates.rate') }}
            as cost_amount,
        prices.known_at
    from prices
    left join rates on {{ has_rate('rates', 'prices.currency', 'prices.valid_from_on') }}
)

select * from final
