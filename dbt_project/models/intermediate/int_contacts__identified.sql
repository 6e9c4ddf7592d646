-- noqa: disable=LT09
-- Calls, comments, questions and answers: each tells whose it is by a key, an address or a name.
with

contacts as (
    select
        {{ system_key('source_key') }} as contact_id,
        source_system, direction, channel, kind, context,
        {{ system_key('campaign_key', 'campaign_system') }} as campaign_id,
        {{ system_key('customer_key', 'customer_system') }} as record_id,
        email, phone, handle,
        occurred_at, known_at, loaded_at
    from {{ ref('stg_files__interactions') }}
    union all
    select
        {{ system_key('source_key') }} as contact_id,
        source_system, 'inbound' as direction, channel, 'question' as kind, topic as context,
        null as campaign_id,
        {{ system_key('customer_key', 'customer_system') }} as record_id,
        email, phone, null as handle,
        asked_at as occurred_at, known_at, loaded_at
    from {{ ref('stg_files__questions') }}
    union all
    -- Answers given in one go are one contact.
    select
        min({{ system_key('source_key') }}) as contact_id,
        source_system, 'inbound' as direction, 'web' as channel, 'survey' as kind,
        survey_key as context,
        null as campaign_id,
        {{ system_key('customer_key', 'customer_system') }} as record_id,
        email, null as phone, null as handle,
        answered_at as occurred_at, max(known_at) as known_at, max(loaded_at) as loaded_at
    from {{ ref('stg_files__survey_answers') }}
    group by source_system, survey_key, customer_system, customer_key, email, answered_at
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
    where customer_id is not null
),

final as (
    select
        contacts.contact_id,
        contacts.source_system,
        coalesce(
            resolved.customer_id, emails.customer_id, phones.customer_id, handles.customer_id
        ) as customer_id,
        contacts.direction,
        contacts.channel,
        contacts.kind,
        contacts.context,
        contacts.campaign_id,
        contacts.occurred_at,
        contacts.known_at,
        contacts.loaded_at
    from contacts
    left join resolved on contacts.record_id = resolved.record_id
    left join addresses as emails
        on emails.kind = 'email' and {{ normalised_email('contacts.email') }} = emails.value
    left join addresses as phones
        on phones.kind = 'phone' and {{ normalised_phone('contacts.phone') }} = phones.value
    left join addresses as handles
        on handles.kind = 'handle' and lower(trim(contacts.handle)) = handles.value
)

select * from final
