with

interests as (
    select * from {{ ref('int_interests__scored') }}
),

final as (
    select
        customer_id,
        topic,
        cast(interest_rank as bigint) as interest_rank,
        interest_share,
        interest_weight,
        interest_weight - previous_interest_weight as interest_change,
        view_count,
        first_viewed_on,
        last_viewed_on
    from interests
)

select * from final
