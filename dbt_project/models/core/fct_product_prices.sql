with

prices as (select * from {{ ref('int_product_prices__dated') }}),

final as (
    select
        prices.product_id,
        prices.price_amount,
        prices.cost_amount,
        cast(prices.price_amount - prices.cost_amount as decimal(18, 2)) as unit_margin_amount,
        {{ company_currency() }} as currency,
        prices.valid_from_on,
        prices.valid_to_on,
        prices.known_at
    from prices
)

select * from final
