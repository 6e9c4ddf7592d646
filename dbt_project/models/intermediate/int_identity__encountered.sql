-- Identifiers that come with what people do: the address typed at a checkout, the browser after a
-- login, the name on a network.
with

web_events as (
    select
        device_id,
        record_id,
        occurred_at
    from {{ ref('int_web_events__cleaned') }}
    -- A kiosk in a store is everybody's.
    where
        device_id is not null and record_id is not null and not is_machine
        and coalesce(device, '') <> 'kiosk'
),

interactions as (
    select
        {{ system_key('customer_key', 'customer_system') }} as record_id,
        lower(trim(handle)) as handle,
        occurred_at
    from {{ ref('stg_files__interactions') }}
    where nullif(trim(handle), '') is not null and customer_key is not null
),

final as (
    select
        record_id,
        'email' as identifier_kind,
        email as identifier_value,
        false as is_verified,
        first_seen_at,
        known_at as last_seen_at
    from {{ ref('int_identity__guests') }}
    union all
    select
        record_id,
        'cookie' as identifier_kind,
        device_id as identifier_value,
        -- A login proves whose account it is, on that browser.
        true as is_verified,
        min(occurred_at) as first_seen_at,
        max(occurred_at) as last_seen_at
    from web_events
    group by record_id, device_id
    union all
    select
        record_id,
        'handle' as identifier_kind,
        handle as identifier_value,
        false as is_verified,
        min(occurred_at) as first_seen_at,
        max(occurred_at) as last_seen_at
    from interactions
    group by record_id, handle
)

select * from final
