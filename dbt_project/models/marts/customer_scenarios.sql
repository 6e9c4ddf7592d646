with

states as (
    select * from {{ source('scenarios', 'scenario_states') }}
),

final as (
    select
        states.customer_id,
        states.scenario,
        states.state,
        cast(states.episode as bigint) as episode,
        states.reason,
        {{ business_date('states.since') }} as since_on,
        {{ business_date('states.due_at') }} as due_on
    from states
    inner join {{ ref('customer_360') }} as customers
        on states.customer_id = customers.customer_id
)

select * from final
