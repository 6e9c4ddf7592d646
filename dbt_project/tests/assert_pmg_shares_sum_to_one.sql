select
    as_of_date,
    sum(net_amount_share) as net_amount_share,
    sum(customer_share) as customer_share
from {{ ref('pmg_classes') }}
group by as_of_date
having
    abs(sum(net_amount_share) - 1) > 0.000000001
    or abs(sum(customer_share) - 1) > 0.000000001
