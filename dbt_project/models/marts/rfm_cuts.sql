with

cuts as (
    select
        snapshot_on,
        axis,
        score,
        lower_bound,
        upper_bound
    from {{ ref('int_rfm__cut') }}
),

final as (
    select
        snapshot_on as as_of_date,
        axis,
        cast(score as integer) as score,
        cast(lower_bound as decimal(18, 2)) as lower_bound,
        cast(upper_bound as decimal(18, 2)) as upper_bound
    from cuts
)

select * from final
