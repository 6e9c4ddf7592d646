-- Amounts of two currencies cannot be summed; a warning, because one stray ticket stops no run.
{{ config(severity='warn') }}

select
    order_id,
    currency
from {{ ref('fct_orders') }}
where currency <> {{ company_currency() }}
