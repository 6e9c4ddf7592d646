-- What people corrected in the preference centre. Who corrects a part of the address states what
-- they fill in, and leaves the other parts as they are.
with

events as (
    select
        *,
        {{ system_key('customer_key') }} as record_id
    from {{ ref('stg_state__preference_events') }}
    where kind = 'detail'
),

final as (
    select
        record_id,
        source_system,
        name as attribute,
        case name
            when 'email' then {{ normalised_email('value') }}
            when 'phone' then {{ normalised_phone('value') }}
            else value
        end as value,
        max(occurred_at) as stated_at,
        min(occurred_at) as first_stated_at
    from events
    group by all
)

select * from final
where value is not null
