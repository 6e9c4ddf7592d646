-- Proof that an address works, beside its being stated: somebody followed a link sent to it. Opens
-- prove nothing (machines open) and may not be followed person by person.
with

clicked as (
    select
        channel,
        address,
        occurred_at
    from {{ ref('stg_files__message_events') }}
    where event_type = 'clicked' and not coalesce(is_machine, false) and address is not null
),

proved as (
    select
        'email' as attribute,
        {{ normalised_email('address') }} as value,
        occurred_at
    from clicked
    where channel = 'email'
    union all
    select
        'phone' as attribute,
        {{ normalised_phone('address') }} as value,
        occurred_at
    from clicked
    where channel = 'sms'
),

final as (
    select
        attribute,
        value,
        max(occurred_at) as last_clicked_at
    from proved
    where value is not null
    group by attribute, value
)

select * from final
