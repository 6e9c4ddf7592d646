-- Whose message an event is about: the record addressed, else the only person of that address.
with

message_events as (
    select
        *,
        {{ system_key('customer_key', 'customer_system') }} as record_id,
        case
            when channel = 'email' then {{ normalised_email('address') }}
            else {{ normalised_phone('address') }}
        end as normalised_address
    from {{ ref('stg_files__message_events') }}
),

resolved as (
    select
        record_id,
        customer_id
    from {{ ref('int_identity__resolved') }}
),

addresses as (
    select
        kind,
        value,
        customer_id
    from {{ ref('int_addresses__resolved') }}
    where kind in ('email', 'phone') and customer_id is not null
),

final as (
    select
        {{ system_key('message_events.message_event_key', 'message_events.source_system') }}
            as message_event_id,
        {{ system_key('message_events.message_key', 'message_events.message_system') }}
            as message_id,
        message_events.source_system,
        coalesce(resolved.customer_id, addresses.customer_id) as customer_id,
        {{ system_key('message_events.campaign_key', 'message_events.campaign_system') }}
            as campaign_id,
        message_events.channel,
        message_events.event_type,
        coalesce(message_events.is_machine, false) as is_machine,
        message_events.link_url,
        message_events.occurred_at,
        message_events.known_at,
        message_events.loaded_at
    from message_events
    left join resolved on message_events.record_id = resolved.record_id
    left join addresses
        on
            message_events.normalised_address = addresses.value
            and case when message_events.channel = 'email' then 'email' else 'phone' end
            = addresses.kind
)

select * from final
