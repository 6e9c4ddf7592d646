-- noqa: disable=AL08,AL04
select customer_id
from {{ ref('customer_360') }}
where
    (first_ordered_on is null) <> (rfm_group is null)
    or (first_ordered_on is null) <> (pmg_class is null)
