with

preference_events as (
    select * from {{ source('raw_state', 'preference_events') }}
),

final as (
    select
        event_id,
        source_system,
        customer_key,
        kind,
        name,
        value,
        occurred_at,
        recorded_at
    from preference_events
)

select * from final
