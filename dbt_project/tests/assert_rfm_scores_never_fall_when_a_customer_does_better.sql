with

measured as (
    select
        as_of_date,
        'recency' as axis,
        -days_since_last_order as goodness,
        recency_score as score
    from {{ ref('rfm') }}
    union all
    select
        as_of_date,
        'frequency' as axis,
        order_count as goodness,
        frequency_score as score
    from {{ ref('rfm') }}
    union all
    select
        as_of_date,
        'monetary' as axis,
        net_amount as goodness,
        monetary_score as score
    from {{ ref('rfm') }}
),

-- Same value, same score; better value, no lower score.
valued as (
    select
        axis,
        goodness,
        min(score) as lowest_score,
        max(score) as highest_score
    from measured
    group by axis, goodness
),

ordered as (
    select
        *,
        lag(highest_score) over (partition by axis order by goodness) as score_below
    from valued
)

select
    axis,
    goodness,
    lowest_score,
    highest_score,
    score_below
from ordered
where lowest_score <> highest_score or score_below > lowest_score
