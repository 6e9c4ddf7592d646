-- Interest fades: after one half-life a view counts half. Sums are rounded, because the last bit of
-- a sum of fractions depends on the order of threads.
with

views as (
    select
        customer_id,
        topic,
        viewed_on,
        known_at,
        cast({{ day_difference('viewed_on', as_of_date()) }} as double)
        / {{ contact_setting('topic_half_life_days') }} as half_lives
    from {{ ref('fct_content_views') }}
    where topic is not null and is_watched and viewed_on <= {{ as_of_date() }}
),

weighed as (
    select
        customer_id,
        topic,
        round(sum(power(0.5, half_lives)), 6) as interest_weight,
        -- As it stood one half-life ago.
        round(coalesce(sum(power(0.5, half_lives - 1)) filter (where half_lives >= 1), 0), 6)
            as previous_interest_weight,
        count(*) as view_count,
        min(viewed_on) as first_viewed_on,
        max(viewed_on) as last_viewed_on,
        max(known_at) as known_at
    from views
    group by customer_id, topic
),

final as (
    select
        customer_id,
        topic,
        interest_weight,
        previous_interest_weight,
        interest_weight / nullif(sum(interest_weight) over person, 0) as interest_share,
        row_number() over (
            partition by customer_id order by interest_weight desc, last_viewed_on desc, topic asc
        ) as interest_rank,
        view_count,
        first_viewed_on,
        last_viewed_on,
        known_at
    from weighed
    window person as (partition by customer_id)
)

select * from final
