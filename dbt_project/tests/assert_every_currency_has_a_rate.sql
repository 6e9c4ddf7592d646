-- An amount without a rate counts nowhere; a warning, because one stray ticket stops no run.
{{ config(severity='warn') }}

select
    original_currency as currency,
    count(*) as order_count
from {{ ref('fct_orders') }}
where net_amount is null and original_net_amount is not null
group by original_currency
