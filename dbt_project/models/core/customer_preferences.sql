with

preferences as (
    select
        preference_id,
        customer_id,
        kind,
        name,
        value,
        occurred_at
    from {{ ref('int_preferences__united') }}
    where customer_id is not null
),

-- The last word per person; at the same instant the one that means less.
ranked as (
    select
        customer_id,
        kind,
        name,
        value,
        occurred_at,
        row_number() over (
            partition by customer_id, kind, name
            order by
                occurred_at desc,
                case when value = 'no' then 0 else 1 end,
                try_cast(nullif(value, '') as double) asc nulls last,
                preference_id
        ) as rank_number
    from preferences
),

final as (
    select
        customer_id,
        kind,
        name,
        case when kind = 'topic' then lower(value) <> 'no' end as is_wanted,
        case when kind = 'frequency' then try_cast(nullif(value, '') as double) end
            as most_per_week,
        occurred_at as chosen_at
    from ranked
    where rank_number = 1
)

select * from final
