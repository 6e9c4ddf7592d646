with

recency as (
    select score from {{ ref('rfm_settings') }}
    where axis = 'recency'
),

-- The mean of two scores lies between the smallest and the greatest of either.
frequency_monetary as (
    select score from {{ ref('rfm_settings') }}
    where axis in ('frequency', 'monetary')
    group by score
),

cells as (
    select
        recency.score as recency_score,
        frequency_monetary.score as frequency_monetary_score
    from recency
    cross join frequency_monetary
)

select
    cells.recency_score,
    cells.frequency_monetary_score,
    count(rfm_groups.rfm_group) as group_count
from cells
left join {{ ref('rfm_groups') }} as rfm_groups
    on
        cells.recency_score = rfm_groups.recency_score
        and cells.frequency_monetary_score = rfm_groups.frequency_monetary_score
group by cells.recency_score, cells.frequency_monetary_score
having count(rfm_groups.rfm_group) <> 1
