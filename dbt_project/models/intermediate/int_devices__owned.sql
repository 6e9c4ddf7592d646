with

web_events as (
    select
        device_id,
        record_id,
        device,
        occurred_at,
        known_at
    from {{ ref('int_web_events__cleaned') }}
    where device_id is not null and record_id is not null and not is_machine
),

resolved as (
    select
        record_id,
        customer_id
    from {{ ref('int_identity__resolved') }}
),

logins as (
    select
        device_id,
        record_id,
        bool_or(device = 'kiosk') as is_kiosk,
        min(occurred_at) as first_login_at,
        min(known_at) as known_at
    from web_events
    group by device_id, record_id
),

-- A record that identity does not know is somebody all the same.
people as (
    select
        logins.device_id,
        logins.is_kiosk,
        logins.first_login_at,
        logins.known_at,
        resolved.customer_id,
        coalesce(resolved.customer_id, logins.record_id) as person_key
    from logins
    left join resolved on logins.record_id = resolved.record_id
),

counted as (
    select
        device_id,
        count(distinct person_key) as person_count,
        coalesce(bool_or(is_kiosk), false) as is_kiosk,
        min(customer_id) as customer_id,
        min(first_login_at) as first_login_at,
        min(known_at) as known_at
    from people
    group by device_id
),

final as (
    select
        device_id,
        -- A device has an owner when exactly one person ever logged in on it.
        case when person_count = 1 and not is_kiosk then customer_id end as customer_id,
        person_count,
        is_kiosk or person_count > {{ contact_setting('kiosk_person_count') }} as is_kiosk,
        first_login_at,
        known_at
    from counted
)

select * from final
