-- What people chose, in the shop's own pages or in our preference centre. Channels are not here: a
-- yes or no to being contacted is the consent ledger's.
with

updates as (
    select
        *,
        {{ system_key('customer_key', 'customer_system') }} as record_id,
        {{ normalised_email('email') }} as normal_email
    from {{ ref('stg_files__preference_updates') }}
    where kind in ('topic', 'frequency')
),

events as (
    select
        *,
        {{ system_key('customer_key') }} as record_id
    from {{ ref('stg_state__preference_events') }}
    where kind in ('topic', 'frequency')
),

resolved as (
    select
        record_id,
        customer_id
    from {{ ref('int_identity__resolved') }}
),

emails as (
    select
        value,
        customer_id
    from {{ ref('int_addresses__resolved') }}
    where kind = 'email' and customer_id is not null
),

final as (
    select
        {{ system_key('updates.source_key', 'updates.source_system') }} as preference_id,
        coalesce(resolved.customer_id, emails.customer_id) as customer_id,
        updates.kind,
        lower(updates.name) as name,
        updates.value,
        updates.occurred_at,
        updates.known_at
    from updates
    left join resolved on updates.record_id = resolved.record_id
    left join emails on updates.normal_email = emails.value
    union all
    select
        events.event_id as preference_id,
        resolved.customer_id,
        events.kind,
        events.name,
        events.value,
        events.occurred_at,
        events.recorded_at as known_at
    from events
    left join resolved on events.record_id = resolved.record_id
)

select * from final
